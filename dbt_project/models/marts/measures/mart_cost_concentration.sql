with
    costs as (select * from {{ ref("fct_person_cost") }} where cost_gbp > 0),

    lorenz as (select * from {{ ref("mart_cost_lorenz") }}),

    ranked as (
        select
            year_code,
            cost_type,
            cast(cost_gbp as double) as cost_gbp,
            row_number() over (
                partition by year_code, cost_type
                order by cost_gbp nulls last, person_key nulls last
            ) as cost_rank
        from costs
    ),

    summed as (
        select
            year_code,
            cost_type,
            cast(count(*) as double) as people,
            sum(cost_gbp) as cost_gbp,
            sum(cost_rank * cost_gbp) as ranked_gbp
        from ranked
        group by year_code, cost_type
    ),

    tops as (
        select
            year_code,
            cost_type,
            {% for percent in (1, 5, 10) %}
                1 - max(
                    case when people_percent = {{ 100 - percent }} then cost_share end
                ) as top_{{ percent }}_share
                {%- if not loop.last %}, {% endif %}
            {% endfor %}
        from lorenz
        group by year_code, cost_type
    ),

    final as (
        select
            summed.year_code,
            summed.cost_type,
            cast(summed.people as bigint) as people,
            cast(summed.cost_gbp as decimal(18, 2)) as cost_gbp,
            summed.cost_gbp / summed.people as cost_per_person_gbp,
            tops.top_1_share,
            tops.top_5_share,
            tops.top_10_share,
            2 * summed.ranked_gbp / (summed.people * summed.cost_gbp)
            - (summed.people + 1) / summed.people as gini
        from summed
        inner join tops on summed.year_code = tops.year_code and summed.cost_type = tops.cost_type
    )

select *
from final
