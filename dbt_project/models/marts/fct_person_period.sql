{% set digests = ["int_spell_digests"] %}
{{
    config(
        materialized="incremental",
        incremental_strategy="changed_months",
        on_schema_change="fail",
        meta={"digests": digests, "stale_periods": "period_code"},
        post_hook="{{ keep_digests(['int_spell_digests']) }}",
    )
}}
{% set codes = changed_periods(digests) %}

with
    used as (select * from {{ ref("int_person_services") }}),

    concurrent as (select * from {{ ref("int_concurrent_services") }}),

    periods as (
        select *
        from {{ ref("stg_periods") }}
        {% if codes is not none %} where {{ in_list("period_code", codes) }} {% endif %}
    ),

    ever as (
        select
            used.person_key,
            periods.period_code,
            periods.period_level,
            cast(count(*) as int) as services_used_count,
            cast(bit_or(used.theme_bit) as bigint) as theme_mask
        from used
        inner join periods on (used.month_mask & periods.month_mask) <> 0
        group by used.person_key, periods.period_code, periods.period_level
    ),

    at_once as (
        select
            concurrent.person_key,
            periods.period_code,
            max(concurrent.services_open) as services_at_once_count
        from concurrent
        inner join periods on (concurrent.month_mask & periods.month_mask) <> 0
        group by concurrent.person_key, periods.period_code
    ),

    final as (
        select
            ever.person_key,
            ever.period_code,
            ever.period_level,
            ever.services_used_count,
            at_once.services_at_once_count,
            ever.theme_mask
        from ever
        left join
            at_once
            on ever.person_key = at_once.person_key
            and ever.period_code = at_once.period_code
    )

select *
from final
