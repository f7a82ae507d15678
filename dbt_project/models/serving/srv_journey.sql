with
    numbers as (select * from {{ ref("int_person_numbers") }}),

    journeys as (select * from {{ ref("int_journeys") }}),

    months as (select * from {{ ref("int_months") }}),

    final as (
        select
            numbers.person_no,
            months.year_code,
            journeys.step_1,
            journeys.step_2,
            journeys.step_3,
            journeys.step_4,
            journeys.entry_service,
            journeys.entry_theme
        from journeys
        inner join numbers on journeys.person_key = numbers.person_key
        inner join months on months.month_number = {{ month_number("journeys.entry_date") }}
    )

select *
from final
order by person_no
