with
    costs as (select * from {{ ref("fct_cost") }}),

    by_person as (
        select
            person_key,
            year_code,
            cost_type,
            borne_by,
            sum(cost_gbp) as cost_gbp,
            sum(cost_low_gbp) as cost_low_gbp,
            sum(cost_high_gbp) as cost_high_gbp
        from costs
        group by person_key, year_code, cost_type, borne_by
    ),

    totals as (
        select
            year_code,
            cost_type,
            'all' as borne_by,
            count(*) as people,
            sum(cost_gbp) as cost_gbp,
            sum(cost_low_gbp) as cost_low_gbp,
            sum(cost_high_gbp) as cost_high_gbp
        from {{ ref("fct_person_cost") }}
        group by year_code, cost_type
    ),

    payers as (
        select
            year_code,
            cost_type,
            borne_by,
            count(*) as people,
            sum(cost_gbp) as cost_gbp,
            sum(cost_low_gbp) as cost_low_gbp,
            sum(cost_high_gbp) as cost_high_gbp
        from by_person
        group by year_code, cost_type, borne_by
        union all
        select *
        from totals
    ),

    final as (
        select
            payers.year_code,
            payers.cost_type,
            payers.borne_by,
            cast(payers.people as bigint) as people,
            cast(payers.cost_gbp as decimal(18, 2)) as cost_gbp,
            cast(payers.cost_low_gbp as decimal(18, 2)) as cost_low_gbp,
            cast(payers.cost_high_gbp as decimal(18, 2)) as cost_high_gbp,
            {{ share("payers.cost_gbp", "totals.cost_gbp") }} as cost_share
        from payers
        inner join
            totals on payers.year_code = totals.year_code and payers.cost_type = totals.cost_type
    )

select *
from final
