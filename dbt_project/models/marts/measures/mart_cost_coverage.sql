with
    used as (select * from {{ ref("int_person_services") }}),

    years as (select * from {{ ref("stg_periods") }} where period_level = 'year'),

    unit_costs as (
        select service_id, cost_type from {{ ref("stg_unit_costs") }} group by service_id, cost_type
    ),

    cost_types as (select cost_type from unit_costs group by cost_type),

    in_year as (
        select years.period_code as year_code, used.service_id, count(*) as uses
        from used
        inner join years on (used.month_mask & years.month_mask) <> 0
        group by years.period_code, used.service_id
    ),

    counted as (
        select
            in_year.year_code,
            cost_types.cost_type,
            count(*) as services,
            count(unit_costs.service_id) as services_costed,
            sum(in_year.uses) as uses,
            sum(
                case when unit_costs.service_id is not null then in_year.uses else 0 end
            ) as uses_costed
        from in_year
        cross join cost_types
        left join
            unit_costs
            on in_year.service_id = unit_costs.service_id
            and cost_types.cost_type = unit_costs.cost_type
        group by in_year.year_code, cost_types.cost_type
    ),

    final as (
        select
            year_code,
            cost_type,
            cast(services as bigint) as services,
            cast(services_costed as bigint) as services_costed,
            cast(uses as bigint) as uses,
            cast(uses_costed as bigint) as uses_costed,
            {{ share("uses_costed", "uses") }} as uses_costed_share
        from counted
    )

select *
from final
