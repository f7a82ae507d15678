with
    costs as (select * from {{ ref("fct_cost") }}),

    final as (
        select
            person_key,
            year_code,
            cost_type,
            cast(sum(cost_gbp) as decimal(18, 2)) as cost_gbp,
            cast(sum(cost_low_gbp) as decimal(18, 2)) as cost_low_gbp,
            cast(sum(cost_high_gbp) as decimal(18, 2)) as cost_high_gbp
        from costs
        group by person_key, year_code, cost_type
    )

select *
from final
