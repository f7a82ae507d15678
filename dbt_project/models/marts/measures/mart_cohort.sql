with
    entered as (select * from {{ ref("int_cohorts_entered") }}),

    comparisons as (select * from {{ ref("stg_comparisons") }}),

    final as (
        select
            entered.comparison_id,
            entered.side,
            max(comparisons.comparison_name) as comparison_name,
            max(
                case
                    when entered.side = 'focus'
                    then comparisons.focus_cohort
                    else comparisons.other_cohort
                end
            ) as cohort,
            cast(count(*) as bigint) as members,
            {% for standing in [
                "entered_other_first",
                "entered_both_at_once",
                "not_followed",
                "compared",
            ] %}
                cast(
                    sum(case when entered.standing = '{{ standing }}' then 1 else 0 end) as bigint
                ) as {{ standing }}
                {%- if not loop.last %}, {% endif %}
            {% endfor %}
        from entered
        inner join comparisons on entered.comparison_id = comparisons.comparison_id
        group by entered.comparison_id, entered.side
    )

select *
from final
