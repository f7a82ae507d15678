with
    numbers as (select * from {{ ref("int_person_numbers") }}),

    transitions as (select * from {{ ref("fct_transition") }}),

    -- Sequences that are still open at the end of the data have no observed end, so they serve no
    -- row for it.
    final as (
        select
            numbers.person_no,
            transitions.year_code,
            transitions.quarter_code,
            transitions.from_service,
            transitions.to_service,
            transitions.from_theme,
            transitions.to_theme,
            transitions.step_no
        from transitions
        inner join numbers on transitions.person_key = numbers.person_key
        where transitions.is_in_window and transitions.to_service <> 'OPEN'
    )

select *
from final
order by person_no, step_no
