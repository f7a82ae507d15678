with
    starts as (select * from {{ ref("int_starts_followed") }}),

    kinds as (select * from {{ ref("int_outcomes_observed") }}),

    outcomes as (select * from {{ ref("stg_outcomes") }}),

    needs as (select * from {{ ref("stg_needs") }}),

    links as (select * from {{ ref("stg_person_links") }}),

    used as (select * from {{ ref("int_person_services") }}),

    recorded as (
        select
            links.person_key,
            'outcome' as outcome_kind,
            outcomes.outcome_code,
            {{ month_number("outcomes.recorded_date") }} as month_number
        from outcomes
        inner join links on outcomes.feed = links.feed and outcomes.source_ref = links.source_ref
        union all
        select
            links.person_key,
            'need' as outcome_kind,
            needs.need_code as outcome_code,
            {{ month_number("needs.recorded_date") }} as month_number
        from needs
        inner join links on needs.feed = links.feed and needs.source_ref = links.source_ref
    ),

    offset_by_months as (
        select
            starts.person_key,
            starts.service_id,
            recorded.outcome_kind,
            recorded.outcome_code,
            recorded.month_number - starts.month_number as month_offset
        from starts
        inner join recorded on starts.person_key = recorded.person_key
        inner join
            kinds
            on recorded.outcome_kind = kinds.outcome_kind
            and recorded.outcome_code = kinds.outcome_code
        where starts.month_number + {{ var("compared_months") }} <= kinds.last_month_number
    ),

    each as (
        select
            person_key,
            service_id,
            outcome_kind,
            outcome_code,
            case
                when
                    month_offset
                    between {{ -2 * var("compared_months") }} and {{ -var("compared_months") - 1 }}
                then 1
                else 0
            end as is_earlier,
            case
                when month_offset between {{ -var("compared_months") }} and -1 then 1 else 0
            end as is_before,
            case
                when month_offset between 1 and {{ var("compared_months") }} then 1 else 0
            end as is_after
        from offset_by_months
        union all
        select
            starts.person_key,
            starts.service_id,
            'use' as outcome_kind,
            'other_services' as outcome_code,
            case when (used.month_mask & starts.earlier_mask) <> 0 then 1 else 0 end as is_earlier,
            case when (used.month_mask & starts.before_mask) <> 0 then 1 else 0 end as is_before,
            case when (used.month_mask & starts.after_mask) <> 0 then 1 else 0 end as is_after
        from starts
        inner join
            used on starts.person_key = used.person_key and starts.service_id <> used.service_id
    ),

    final as (
        select
            person_key,
            service_id,
            outcome_kind,
            outcome_code,
            cast(sum(is_earlier) as int) as earlier_count,
            cast(sum(is_before) as int) as before_count,
            cast(sum(is_after) as int) as after_count
        from each
        where is_earlier + is_before + is_after > 0
        group by person_key, service_id, outcome_kind, outcome_code
    )

select *
from final
