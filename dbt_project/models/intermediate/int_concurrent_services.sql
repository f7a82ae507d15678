{% set digests = ["int_spell_digests"] %}
{{
    config(
        materialized="incremental",
        incremental_strategy="changed_months",
        on_schema_change="fail",
        meta={"digests": digests, "stale_days": "to_date", "slack_days": 1},
        post_hook="{{ keep_digests(['int_spell_digests']) }}",
    )
}}
{% set months = changed_months(digests) %}

with
    {% if months is none %} spells as (select * from {{ ref("int_spells") }} where month_mask <> 0),
    {% else %}
        -- Stretches that the first changed month can reach or cut short are told anew, from all
        -- spells that end on the day before them or later.
        unfinished as (
            select person_key, min(from_date) as from_date
            from {{ this }}
            where {{ reaches("to_date", 1, months | first) }}
            group by person_key
        ),

        spells as (
            select used.*
            from {{ ref("int_spells") }} as used
            left join unfinished on used.person_key = unfinished.person_key
            where
                used.month_mask <> 0
                and (
                    {{ reaches("used.end_date", 1, months | first) }}
                    or {{ add_days("used.end_date", 1) }} >= unfinished.from_date
                )
        ),
    {% endif %}

    months as (select * from {{ ref("int_months") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    changes as (
        select
            spells.person_key,
            greatest(spells.start_date, observed.data_start_date) as change_date,
            1 as change
        from spells
        cross join observed
        union all
        select spells.person_key, {{ add_days("spells.end_date", 1) }} as change_date, -1 as change
        from spells
    ),

    daily as (
        select person_key, change_date, cast(sum(change) as int) as change
        from changes
        group by person_key, change_date
    ),

    levels as (
        select
            person_key,
            change_date as from_date,
            {{
                add_days(
                    "lead(change_date) over (partition by person_key order by change_date nulls last)",
                    -1,
                )
            }}
            as to_date,
            cast(
                sum(change) over (
                    partition by person_key
                    order by change_date nulls last
                    rows between unbounded preceding and current row
                ) as int
            ) as services_open
        from daily
    ),

    final as (
        select
            levels.person_key,
            levels.from_date,
            levels.to_date,
            levels.services_open,
            cast(2 * last_months.month_mask - first_months.month_mask as bigint) as month_mask
        from levels
        inner join
            months as first_months
            on first_months.month_number = {{ month_number("levels.from_date") }}
        inner join
            months as last_months on last_months.month_number = {{ month_number("levels.to_date") }}
        {% if months is not none %}
            left join unfinished on levels.person_key = unfinished.person_key
        {% endif %}
        where
            levels.services_open > 0
            {% if months is not none %}
                and (
                    {{ reaches("levels.from_date", 0, months | first) }}
                    or levels.from_date >= unfinished.from_date
                )
            {% endif %}
    )

select *
from final
