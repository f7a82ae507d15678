with
    used as (
        select
            person_key,
            period_code as year_code,
            {{ how_many("services_used_count") }} as services_used
        from {{ ref("fct_person_period") }}
        where period_level = 'year'
    ),

    costs as (select * from {{ ref("fct_person_cost") }}),

    cost_types as (select cost_type from costs group by cost_type),

    -- Who used a service counts, also where none of the services used has a unit cost.
    counted as (
        select
            used.year_code,
            cost_types.cost_type,
            used.services_used,
            count(*) as people,
            count(costs.person_key) as people_costed,
            coalesce(sum(costs.cost_gbp), 0) as cost_gbp,
            coalesce(sum(costs.cost_low_gbp), 0) as cost_low_gbp,
            coalesce(sum(costs.cost_high_gbp), 0) as cost_high_gbp
        from used
        cross join cost_types
        left join
            costs
            on used.person_key = costs.person_key
            and used.year_code = costs.year_code
            and cost_types.cost_type = costs.cost_type
        group by used.year_code, cost_types.cost_type, used.services_used
    ),

    totals as (
        select year_code, cost_type, sum(people) as people, sum(cost_gbp) as cost_gbp
        from counted
        group by year_code, cost_type
    ),

    final as (
        select
            counted.year_code,
            counted.cost_type,
            counted.services_used,
            cast(counted.people as bigint) as people,
            cast(counted.people_costed as bigint) as people_costed,
            cast(counted.cost_gbp as decimal(18, 2)) as cost_gbp,
            cast(counted.cost_low_gbp as decimal(18, 2)) as cost_low_gbp,
            cast(counted.cost_high_gbp as decimal(18, 2)) as cost_high_gbp,
            {{ share("counted.cost_gbp", "counted.people") }} as cost_per_person_gbp,
            {{ share("counted.people", "totals.people") }} as people_share,
            {{ share("counted.cost_gbp", "totals.cost_gbp") }} as cost_share
        from counted
        inner join
            totals on counted.year_code = totals.year_code and counted.cost_type = totals.cost_type
    )

select *
from final
