{% set digests = ["int_use_digests"] %}
{{
    config(
        materialized="incremental",
        incremental_strategy="changed_months",
        on_schema_change="fail",
        meta={"digests": digests, "stale_days": "end_date", "slack_days": var("spell_gap_days")},
        post_hook="{{ keep_digests(['int_use_digests']) }}",
    )
}}
{% set months = changed_months(digests) %}

with
    {% if months is none %} uses as (select * from {{ ref("int_service_uses") }}),
    {% else %}
        -- Spells that the first changed month, or the gap before it, can reach are told anew from
        -- the day on which they began; all others are over.
        unfinished as (
            select person_key, service_id, min(start_date) as from_date
            from {{ this }}
            where {{ reaches("end_date", var("spell_gap_days"), months | first) }}
            group by person_key, service_id
        ),

        uses as (
            select used.*
            from {{ ref("int_service_uses") }} as used
            left join
                unfinished
                on used.person_key = unfinished.person_key
                and used.service_id = unfinished.service_id
            where
                {{ reaches("used.start_date", 0, months | first) }}
                or used.start_date >= unfinished.from_date
        ),

        over as (
            select told.person_key, told.service_id, max(told.spell_no) as spells_over
            from {{ this }} as told
            inner join
                (select person_key, service_id from uses group by person_key, service_id) as retold
                on told.person_key = retold.person_key
                and told.service_id = retold.service_id
            where not {{ reaches("told.end_date", var("spell_gap_days"), months | first) }}
            group by told.person_key, told.service_id
        ),
    {% endif %}

    months as (select * from {{ ref("int_months") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    followed as (
        select
            uses.*,
            max(end_date) over (
                partition by person_key, service_id
                order by start_date nulls last, end_date nulls last
                rows between unbounded preceding and 1 preceding
            ) as latest_end_before
        from uses
    ),

    marked as (
        select
            followed.*,
            case
                when followed.latest_end_before is null
                then 1
                when
                    {{ days_between("followed.latest_end_before", "followed.start_date") }}
                    > observed.spell_gap_days
                then 1
                else 0
            end as begins_spell
        from followed
        cross join observed
    ),

    numbered as (
        select
            marked.*,
            cast(
                sum(begins_spell) over (
                    partition by person_key, service_id
                    order by start_date nulls last, end_date nulls last
                    rows between unbounded preceding and current row
                ) as int
            ) as spell_no
        from marked
    ),

    spells as (
        select
            person_key,
            service_id,
            spell_no,
            min(start_date) as start_date,
            max(end_date) as end_date,
            bool_or(is_open) as is_open,
            cast(count(*) as int) as use_count,
            cast(sum(case when use_kind = 'episode' then 1 else 0 end) as int) as episode_count
        from numbered
        group by person_key, service_id, spell_no
    ),

    -- Bits i to j together are 2 * bit j - bit i: no row per month is made.
    final as (
        select
            spells.person_key,
            spells.service_id,
            {% if months is none %} spells.spell_no,
            {% else %} cast(spells.spell_no + coalesce(over.spells_over, 0) as int) as spell_no,
            {% endif %}
            spells.start_date,
            spells.end_date,
            spells.is_open,
            spells.start_date < observed.data_start_date as is_left_truncated,
            spells.episode_count = 0 as is_contact_only,
            spells.use_count,
            spells.episode_count,
            cast(
                {{ days_between("spells.start_date", "spells.end_date") }} + 1 as int
            ) as spell_days,
            coalesce(
                cast(2 * last_months.month_mask - first_months.month_mask as bigint), 0
            ) as month_mask
        from spells
        cross join observed
        left join
            months as first_months
            on first_months.month_number
            = {{ month_number("greatest(spells.start_date, observed.data_start_date)") }}
        left join
            months as last_months
            on last_months.month_number = {{ month_number("spells.end_date") }}
        {% if months is not none %}
            left join
                over on spells.person_key = over.person_key and spells.service_id = over.service_id
        {% endif %}
    )

select *
from final
