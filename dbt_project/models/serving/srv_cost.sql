-- Fiscal costs only: the three kinds overlap and are never added together, and the gate answers
-- of one.
with
    numbers as (select * from {{ ref("int_person_numbers") }}),

    costs as (select * from {{ ref("fct_cost") }} where cost_type = 'fiscal'),

    services as (select * from {{ ref("dim_service") }}),

    final as (
        select
            numbers.person_no,
            costs.service_id,
            services.theme,
            costs.borne_by as payer,
            cast(round(costs.cost_gbp, 0) as bigint) as whole_gbp,
            costs.year_code
        from costs
        inner join numbers on costs.person_key = numbers.person_key
        inner join services on costs.service_id = services.service_id
        where costs.cost_gbp >= 0.5
    )

select *
from final
order by year_code, service_id, payer, person_no
