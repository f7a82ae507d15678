with
    numbers as (select * from {{ ref("int_person_numbers") }}),

    needs as (select * from {{ ref("fct_need") }}),

    months as (select * from {{ ref("int_months") }}),

    final as (
        select distinct
            numbers.person_no,
            needs.need_code as need,
            case
                when needs.is_met
                then 'met'
                when not needs.has_matching_service
                then 'no_service'
                when needs.has_full_followup
                then 'not_met'
                else 'too_early'
            end as need_met,
            months.quarter_code,
            months.year_code
        from needs
        inner join numbers on needs.person_key = numbers.person_key
        inner join months on months.month_number = {{ month_number("needs.recorded_date") }}
    )

select *
from final
order by quarter_code, need, person_no, need_met
