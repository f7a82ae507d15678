with
    entered as (select * from {{ ref("int_cohorts_entered") }} where standing = 'compared'),

    comparisons as (select * from {{ ref("stg_comparisons") }}),

    own as (select * from {{ ref("int_cohort_services") }}),

    resolved as (select * from {{ ref("int_people_resolved") }}),

    spells as (select * from {{ ref("int_spells") }}),

    events as (select * from {{ ref("int_outcome_events") }}),

    panel as (select * from {{ ref("int_compared_months") }}),

    -- With whom the person was on some day of the half year (or whatever is compared) before entry.
    before as (
        select
            entered.comparison_id,
            entered.person_key,
            count(distinct spells.service_id) as services_before
        from entered
        inner join
            spells
            on entered.person_key = spells.person_key
            and spells.start_date < entered.entered_date
            and spells.end_date
            >= {{
                add_days(
                    "entered.entered_date", -((var("compared_months") * 30.4375) | round | int)
                )
            }}
        left join
            own on entered.comparison_id = own.comparison_id and spells.service_id = own.service_id
        where own.service_id is null
        group by entered.comparison_id, entered.person_key
    ),

    followed as (
        select entered.comparison_id, entered.person_key
        from entered
        inner join comparisons on entered.comparison_id = comparisons.comparison_id
        inner join
            events
            on comparisons.outcome = events.outcome
            and entered.person_key = events.person_key
            and events.event_date > entered.entered_date
            and events.event_date
            <= {{ add_days("entered.entered_date", "comparisons.within_days") }}
        group by entered.comparison_id, entered.person_key
    ),

    used_monthly as (
        select
            comparison_id,
            person_key,
            avg(case when month_offset < 0 then services_used end) as monthly_before,
            avg(case when month_offset > 0 then services_used end) as monthly_after
        from panel
        group by comparison_id, person_key
    ),

    final as (
        select
            entered.comparison_id,
            entered.person_key,
            entered.side,
            entered.entered_date,
            resolved.sex,
            resolved.age_band,
            resolved.ethnic_group,
            resolved.deprivation,
            {{ how_many("coalesce(before.services_before, 0)") }} as services_before,
            case when followed.person_key is null then 0 else 1 end as has_outcome,
            used_monthly.monthly_before,
            used_monthly.monthly_after
        from entered
        inner join
            resolved
            on entered.person_key = resolved.person_key
            and entered.year_code = resolved.year_code
        inner join
            used_monthly
            on entered.comparison_id = used_monthly.comparison_id
            and entered.person_key = used_monthly.person_key
        left join
            before
            on entered.comparison_id = before.comparison_id
            and entered.person_key = before.person_key
        left join
            followed
            on entered.comparison_id = followed.comparison_id
            and entered.person_key = followed.person_key
    )

select *
from final
