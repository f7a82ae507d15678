with
    panel as (select * from {{ ref("int_compared_months") }}),

    matched as (select * from {{ ref("int_people_matched") }}),

    valued as (
        select
            matched.comparison_id,
            matched.method,
            matched.side,
            matched.weight,
            panel.month_offset,
            cast(panel.services_used as double) as services_used
        from matched
        inner join
            panel
            on matched.comparison_id = panel.comparison_id
            and matched.person_key = panel.person_key
    ),

    summed as (
        select
            comparison_id,
            method,
            side,
            month_offset,
            count(*) as people,
            sum(weight * services_used) / sum(weight) as services_per_person,
            {{ weighted_variance("services_used") }} as variance
        from valued
        group by comparison_id, method, side, month_offset
    ),

    final as (
        select
            comparison_id,
            method,
            side,
            month_offset,
            cast(people as bigint) as people,
            services_per_person,
            services_per_person
            - {{ normal_quantile("95") }} * sqrt(greatest(variance, 0)) as services_per_person_low,
            services_per_person
            + {{ normal_quantile("95") }} * sqrt(greatest(variance, 0)) as services_per_person_high
        from summed
    )

select *
from final
