with
    costs as (select * from {{ ref("fct_person_cost") }} where cost_gbp > 0),

    percents as (
        {% for percent in (0, 1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 100) %}
            select {{ percent }} as people_percent
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    -- From the least costly person up: how much of all cost the first so many account for.
    ranked as (
        select
            year_code,
            cost_type,
            cost_gbp,
            row_number() over (
                partition by year_code, cost_type
                order by cost_gbp nulls last, person_key nulls last
            ) as cost_rank,
            sum(cost_gbp) over (
                partition by year_code, cost_type
                order by cost_gbp nulls last, person_key nulls last
                rows between unbounded preceding and current row
            ) as cost_to_here,
            sum(cost_gbp) over (partition by year_code, cost_type) as total_gbp,
            count(*) over (partition by year_code, cost_type) as people
        from costs
    ),

    totals as (
        select
            year_code, cost_type, max(people) as people, cast(max(total_gbp) as double) as total_gbp
        from ranked
        group by year_code, cost_type
    ),

    -- A point between two people lies on the straight line between theirs.
    points as (
        select
            totals.*,
            percents.people_percent,
            percents.people_percent * totals.people / 100.0 as position,
            greatest(
                1, cast(ceil(percents.people_percent * totals.people / 100.0) as bigint)
            ) as upper_rank
        from totals
        cross join percents
    ),

    final as (
        select
            points.year_code,
            points.cost_type,
            cast(points.people_percent as int) as people_percent,
            cast(points.people as bigint) as people,
            round(
                (
                    cast(ranked.cost_to_here as double)
                    - (points.upper_rank - points.position) * cast(ranked.cost_gbp as double)
                )
                / points.total_gbp,
                12
            ) as cost_share
        from points
        inner join
            ranked
            on points.year_code = ranked.year_code
            and points.cost_type = ranked.cost_type
            and points.upper_rank = ranked.cost_rank
    )

select *
from final
