with
    people as (select * from {{ ref("int_compared_people") }}),

    matched as (select * from {{ ref("int_people_matched") }}),

    balance as (select * from {{ ref("mart_balance") }}),

    valued as (
        select
            matched.comparison_id,
            matched.method,
            matched.side,
            matched.weight,
            cast(people.has_outcome as double) as has_outcome,
            people.monthly_before,
            people.monthly_after,
            people.monthly_after - people.monthly_before as change
        from matched
        inner join
            people
            on matched.comparison_id = people.comparison_id
            and matched.person_key = people.person_key
    ),

    summed as (
        select
            comparison_id,
            method,
            side,
            count(*) as people,
            power(sum(weight), 2) / sum(weight * weight) as effective_people,
            sum(has_outcome) as with_outcome,
            sum(weight * has_outcome) / sum(weight) as risk,
            {{ weighted_variance("has_outcome") }} as risk_variance,
            sum(weight * monthly_before) / sum(weight) as monthly_before,
            sum(weight * monthly_after) / sum(weight) as monthly_after,
            sum(weight * change) / sum(weight) as change,
            {{ weighted_variance("change") }} as change_variance
        from valued
        group by comparison_id, method, side
    ),

    largest as (
        select comparison_id, method, max(abs(standardised_difference)) as largest_difference
        from balance
        group by comparison_id, method
    ),

    paired as (
        select
            focus.comparison_id,
            focus.method,
            {% for figure in [
                "people",
                "effective_people",
                "with_outcome",
                "risk",
                "risk_variance",
                "monthly_before",
                "monthly_after",
                "change",
                "change_variance",
            ] %}
                focus.{{ figure }} as focus_{{ figure }}, other.{{ figure }} as other_{{ figure }},
            {% endfor %}
            case
                when focus.risk > 0 and other.risk > 0 then focus.risk / other.risk
            end as risk_ratio,
            case
                when focus.risk > 0 and other.risk > 0
                then
                    sqrt(
                        greatest(focus.risk_variance, 0) / power(focus.risk, 2)
                        + greatest(other.risk_variance, 0) / power(other.risk, 2)
                    )
            end as log_error,
            sqrt(greatest(focus.risk_variance, 0) + greatest(other.risk_variance, 0)) as risk_error,
            sqrt(
                greatest(focus.change_variance, 0) + greatest(other.change_variance, 0)
            ) as change_error
        from summed as focus
        inner join
            summed as other
            on focus.comparison_id = other.comparison_id
            and focus.method = other.method
            and focus.side = 'focus'
            and other.side = 'other'
    ),

    final as (
        select
            paired.comparison_id,
            paired.method,
            cast(focus_people as bigint) as focus_people,
            cast(other_people as bigint) as other_people,
            other_effective_people,
            largest.largest_difference,
            cast(focus_with_outcome as bigint) as focus_with_outcome,
            cast(other_with_outcome as bigint) as other_with_outcome,
            focus_risk,
            other_risk,
            risk_ratio,
            risk_ratio * exp(- {{ normal_quantile("95") }} * log_error) as risk_ratio_low,
            risk_ratio * exp({{ normal_quantile("95") }} * log_error) as risk_ratio_high,
            focus_risk - other_risk as risk_difference,
            focus_risk
            - other_risk
            - {{ normal_quantile("95") }} * risk_error as risk_difference_low,
            focus_risk
            - other_risk
            + {{ normal_quantile("95") }} * risk_error as risk_difference_high,
            focus_monthly_before,
            focus_monthly_after,
            other_monthly_before,
            other_monthly_after,
            focus_change - other_change as difference_in_differences,
            focus_change
            - other_change
            - {{ normal_quantile("95") }} * change_error as difference_in_differences_low,
            focus_change
            - other_change
            + {{ normal_quantile("95") }} * change_error as difference_in_differences_high
        from paired
        left join
            largest
            on paired.comparison_id = largest.comparison_id
            and paired.method = largest.method
    )

select *
from final
