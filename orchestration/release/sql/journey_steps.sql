-- One row per person and step of a journey that began in the period (or part of a step, when only that is asked for).
select distinct
    {columns}
    steps.unit_no
from (
    select person_no as unit_no, year_code, '1' as step, step_1 as from_theme, step_2 as to_theme
    from serving.srv_journey
    union all
    select person_no as unit_no, year_code, '2' as step, step_2 as from_theme, step_3 as to_theme
    from serving.srv_journey
    union all
    select person_no as unit_no, year_code, '3' as step, step_3 as from_theme, step_4 as to_theme
    from serving.srv_journey
) as steps
where steps.from_theme <> 'none'
    and $period_code in ('all', steps.year_code)
