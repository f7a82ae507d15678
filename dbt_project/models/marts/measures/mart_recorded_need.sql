with
    needs as (select * from {{ ref("fct_need") }}),

    months as (select * from {{ ref("int_months") }}),

    dated as (
        select
            needs.person_key,
            needs.need_code,
            needs.recorded_date,
            needs.is_met,
            needs.has_matching_service,
            needs.has_full_followup,
            months.year_code
        from needs
        inner join months on months.month_number = {{ month_number("needs.recorded_date") }}
    ),

    -- Once in its year, and once in the whole window.
    spread as (
        select
            person_key,
            need_code,
            recorded_date,
            is_met,
            has_matching_service,
            has_full_followup,
            year_code
        from dated
        union all
        select
            person_key,
            need_code,
            recorded_date,
            is_met,
            has_matching_service,
            has_full_followup,
            'all' as year_code
        from dated
    ),

    first_days as (
        select person_key, need_code, year_code, min(recorded_date) as recorded_date
        from spread
        group by person_key, need_code, year_code
    ),

    -- A person counts once for a need, by its first record in the period.
    firsts as (
        select
            spread.person_key,
            spread.need_code,
            spread.year_code,
            bool_or(spread.is_met) as is_met,
            bool_or(spread.has_matching_service) as has_matching_service,
            bool_or(spread.has_full_followup) as has_full_followup
        from spread
        inner join
            first_days
            on spread.person_key = first_days.person_key
            and spread.need_code = first_days.need_code
            and spread.year_code = first_days.year_code
            and spread.recorded_date = first_days.recorded_date
        group by spread.person_key, spread.need_code, spread.year_code
    ),

    counted as (
        select
            year_code,
            need_code,
            count(*) as people,
            sum(case when has_matching_service then 0 else 1 end) as people_without_service,
            sum(case when has_matching_service and has_full_followup then 1 else 0 end) as judged,
            sum(
                case when has_matching_service and has_full_followup and is_met then 1 else 0 end
            ) as met
        from firsts
        group by year_code, need_code
    ),

    final as (
        select
            year_code,
            need_code,
            cast(people as bigint) as people,
            cast(people_without_service as bigint) as people_without_service,
            cast(judged as bigint) as people_judged,
            cast(met as bigint) as people_met,
            cast(judged - met as bigint) as people_not_met,
            {{ share("judged - met", "judged") }} as not_met_share,
            {{ wilson("(judged - met)", "judged", "low") }} as not_met_share_low,
            {{ wilson("(judged - met)", "judged", "high") }} as not_met_share_high
        from counted
    )

select *
from final
