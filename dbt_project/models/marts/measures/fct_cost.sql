with
    quantities as (select * from {{ ref("int_cost_quantities") }}),

    unit_costs as (select * from {{ ref("stg_unit_costs") }}),

    counted as (
        select
            quantities.person_key,
            quantities.service_id,
            quantities.year_code,
            unit_costs.borne_by,
            unit_costs.cost_type,
            unit_costs.per,
            case
                unit_costs.per
                when 'episode'
                then cast(quantities.stays_begun as double)
                when 'contact'
                then cast(quantities.contacts as double)
                when 'day'
                then cast(quantities.open_days as double)
                when 'week'
                then quantities.open_days / 7.0
                when 'month'
                then quantities.open_days / 30.4375
                else quantities.open_days / 365.25
            end as units,
            unit_costs.cost_gbp * unit_costs.deflator as unit_gbp,
            unit_costs.cost_low_gbp * unit_costs.deflator as unit_low_gbp,
            unit_costs.cost_high_gbp * unit_costs.deflator as unit_high_gbp
        from quantities
        inner join unit_costs on quantities.service_id = unit_costs.service_id
    ),

    -- Pounds and whole pence, so that totals agree to the penny in whatever order they are added.
    final as (
        select
            person_key,
            service_id,
            year_code,
            borne_by,
            cost_type,
            per,
            units,
            cast(units * unit_gbp as decimal(18, 2)) as cost_gbp,
            cast(units * unit_low_gbp as decimal(18, 2)) as cost_low_gbp,
            cast(units * unit_high_gbp as decimal(18, 2)) as cost_high_gbp
        from counted
        where units > 0
    )

select *
from final
