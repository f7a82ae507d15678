with
    spells as (select * from {{ ref("int_spells") }} where month_mask <> 0),

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
        where levels.services_open > 0
    )

select *
from final
