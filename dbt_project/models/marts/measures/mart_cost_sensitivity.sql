with
    costs as (select * from {{ ref("fct_cost") }}),

    unit_costs as (select * from {{ ref("stg_unit_costs") }}),

    by_unit_cost as (
        select
            year_code,
            cost_type,
            service_id,
            borne_by,
            count(*) as people,
            sum(units) as units,
            sum(cost_gbp) as cost_gbp,
            sum(cost_low_gbp) as cost_low_gbp,
            sum(cost_high_gbp) as cost_high_gbp
        from costs
        group by year_code, cost_type, service_id, borne_by
    ),

    -- One unit cost at a time at the end of its range, all others as they are.
    varied as (
        select
            by_unit_cost.*,
            sum(cost_gbp) over (partition by year_code, cost_type) as total_gbp,
            sum(cost_gbp) over (partition by year_code, cost_type)
            - cost_gbp
            + cost_low_gbp as total_low_gbp,
            sum(cost_gbp) over (partition by year_code, cost_type)
            - cost_gbp
            + cost_high_gbp as total_high_gbp
        from by_unit_cost
    ),

    final as (
        select
            varied.year_code,
            varied.cost_type,
            varied.service_id,
            varied.borne_by,
            unit_costs.confidence,
            cast(varied.people as bigint) as people,
            varied.units,
            cast(varied.cost_gbp as decimal(18, 2)) as cost_gbp,
            cast(varied.total_gbp as decimal(18, 2)) as total_gbp,
            cast(varied.total_low_gbp as decimal(18, 2)) as total_low_gbp,
            cast(varied.total_high_gbp as decimal(18, 2)) as total_high_gbp,
            cast(varied.total_high_gbp - varied.total_low_gbp as decimal(18, 2)) as swing_gbp,
            cast(
                row_number() over (
                    partition by varied.year_code, varied.cost_type
                    order by
                        varied.total_high_gbp - varied.total_low_gbp desc nulls last,
                        varied.service_id nulls last,
                        varied.borne_by nulls last
                ) as int
            ) as swing_rank
        from varied
        inner join
            unit_costs
            on varied.service_id = unit_costs.service_id
            and varied.borne_by = unit_costs.borne_by
            and varied.cost_type = unit_costs.cost_type
    )

select *
from final
