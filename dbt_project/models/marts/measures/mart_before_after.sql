with
    starts as (select * from {{ ref("int_starts_followed") }}),

    kinds as (select * from {{ ref("int_outcomes_observed") }}),

    paired as (select * from {{ ref("int_starts_paired") }}),

    monthly as (
        select service_id, month_number, count(*) as people
        from starts
        group by service_id, month_number
    ),

    -- Who is seen on both sides has a pair; whoever had nothing on either is a pair of noughts.
    followed as (
        select
            monthly.service_id,
            kinds.outcome_kind,
            kinds.outcome_code,
            cast(sum(monthly.people) as double) as people
        from monthly
        inner join
            kinds on monthly.month_number + {{ var("compared_months") }} <= kinds.last_month_number
        group by monthly.service_id, kinds.outcome_kind, kinds.outcome_code
    ),

    flagged as (
        select
            paired.*,
            case when earlier_count > 0 then 1 else 0 end as was_earlier,
            case when before_count > 0 then 1 else 0 end as was_before,
            case when after_count > 0 then 1 else 0 end as is_after,
            after_count - before_count as change
        from paired
    ),

    counted as (
        select
            service_id,
            outcome_kind,
            outcome_code,
            sum(was_earlier) as earlier,
            sum(was_before) as before,
            sum(is_after) as after,
            sum(was_before * is_after) as both_sides,
            cast(sum(was_before * (1 - is_after)) as double) as before_only,
            cast(sum(is_after * (1 - was_before)) as double) as after_only,
            cast(sum(was_earlier * (1 - is_after)) as double) as earlier_only,
            cast(sum(is_after * (1 - was_earlier)) as double) as after_not_earlier,
            cast(sum(before_count) as double) as before_sum,
            cast(sum(after_count) as double) as after_sum,
            cast(sum(change) as double) as change_sum,
            cast(sum(change * change) as double) as change_squares
        from flagged
        group by service_id, outcome_kind, outcome_code
    ),

    measured as (
        select
            counted.*,
            followed.people,
            after_only - before_only as switched,
            (after_only - before_only) / nullif(sqrt(before_only + after_only), 0) as mcnemar_z,
            change_sum / people as change_mean,
            sqrt(
                greatest(change_squares - change_sum * change_sum / people, 0)
                / nullif(people - 1, 0)
                / people
            ) as change_error
        from counted
        inner join
            followed
            on counted.service_id = followed.service_id
            and counted.outcome_kind = followed.outcome_kind
            and counted.outcome_code = followed.outcome_code
    ),

    final as (
        select
            service_id,
            outcome_kind,
            outcome_code,
            cast(people as bigint) as people,
            cast(earlier as bigint) as people_earlier,
            cast(before as bigint) as people_before,
            cast(after as bigint) as people_after,
            cast(both_sides as bigint) as people_both,
            {{ share("earlier", "people") }} as earlier_share,
            {{ share("before", "people") }} as before_share,
            {{ share("after", "people") }} as after_share,
            switched / people as change_in_share,
            {{ paired_limit("before_only", "after_only", "people", "low") }} as change_in_share_low,
            {{ paired_limit("before_only", "after_only", "people", "high") }}
            as change_in_share_high,
            mcnemar_z * mcnemar_z as mcnemar_chi2,
            case when mcnemar_z is not null then {{ two_sided_p("mcnemar_z") }} end as mcnemar_p,
            before_only + after_only < 25 as is_few_switches,
            (after_not_earlier - earlier_only) / people as change_from_earlier,
            {{ paired_limit("earlier_only", "after_not_earlier", "people", "low") }}
            as change_from_earlier_low,
            {{ paired_limit("earlier_only", "after_not_earlier", "people", "high") }}
            as change_from_earlier_high,
            before_sum / people as before_per_person,
            after_sum / people as after_per_person,
            change_mean as change_per_person,
            change_mean - {{ normal_quantile("95") }} * change_error as change_per_person_low,
            change_mean + {{ normal_quantile("95") }} * change_error as change_per_person_high,
            before > earlier and after < before as may_be_regression
        from measured
    )

select *
from final
