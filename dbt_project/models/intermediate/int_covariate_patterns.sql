with
    people as (select * from {{ ref("int_compared_people") }}),

    final as (
        select
            comparison_id,
            {% for covariate in compared_covariates() %} {{ covariate }}, {% endfor %}
            cast(sum(case when side = 'focus' then 1 else 0 end) as bigint) as focus_people,
            cast(sum(case when side = 'other' then 1 else 0 end) as bigint) as other_people
        from people
        group by
            comparison_id {% for covariate in compared_covariates() %}, {{ covariate }} {% endfor %}
    )

select *
from final
