{% set digests = ["int_spell_digests", "int_system_spell_digests", "fct_exit_digest"] %}
{{
    config(
        materialized="incremental",
        incremental_strategy="changed_months",
        on_schema_change="fail",
        meta={"digests": digests, "stale_periods": "period_code", "onwards": true},
        post_hook="{{ keep_digests(['int_spell_digests', 'int_system_spell_digests', 'fct_exit_digest']) }}",
    )
}}
{% set codes = changed_periods(digests, onwards=true) %}

with
    system_spells as (select * from {{ ref("int_system_spells") }}),

    exits as (
        select person_key, exit_date, min(exit_kind) as exit_kind
        from {{ ref("fct_exit") }}
        where is_system_exit
        group by person_key, exit_date
    ),

    used as (
        select person_key, period_code, period_level
        from {{ ref("fct_person_period") }}
        where
            period_level <> 'all'
            {% if codes is not none %} and {{ in_list("period_code", codes) }} {% endif %}
    ),

    periods as (
        select *
        from {{ ref("stg_periods") }}
        {% if codes is not none %} where {{ in_list("period_code", codes) }} {% endif %}
    ),

    observed as (select * from {{ ref("int_observation_windows") }}),

    preceded as (
        select
            system_spells.*,
            lag(end_date) over (
                partition by person_key order by system_spell_no nulls last
            ) as last_end_date,
            coalesce(
                lag(is_open) over (partition by person_key order by system_spell_no nulls last),
                false
            ) as is_last_end_unseen
        from system_spells
    ),

    -- The first run of use that the period holds tells how the person came into it.
    entered as (
        select
            used.person_key,
            used.period_code,
            used.period_level,
            preceded.start_date,
            preceded.last_end_date,
            preceded.is_last_end_unseen,
            periods.start_date as period_start_date,
            row_number() over (
                partition by used.person_key, used.period_code
                order by preceded.system_spell_no nulls last
            ) as entry_no
        from used
        inner join periods on used.period_code = periods.period_code
        inner join
            preceded
            on used.person_key = preceded.person_key
            and preceded.start_date <= periods.end_date
            and preceded.end_date >= periods.start_date
    ),

    final as (
        select
            entered.person_key,
            entered.period_code,
            entered.period_level,
            case
                when entered.start_date < entered.period_start_date
                then 'continuing'
                when entered.is_last_end_unseen
                then 'unclear'
                when
                    coalesce(
                        {{ days_between("entered.last_end_date", "entered.start_date") }}
                        > observed.return_lookback_days,
                        true
                    )
                then 'new'
                when exits.exit_kind = 'planned'
                then 'returned'
                else 're_engaged'
            end as engagement,
            cast(
                {{ days_between("entered.last_end_date", "entered.start_date") }} as int
            ) as days_away,
            {{ days_between("observed.data_start_date", "entered.start_date") }}
            >= observed.return_lookback_days as has_full_lookback
        from entered
        cross join observed
        left join
            exits
            on entered.person_key = exits.person_key
            and entered.last_end_date = exits.exit_date
        where entered.entry_no = 1
    )

select *
from final
