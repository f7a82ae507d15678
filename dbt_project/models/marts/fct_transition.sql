with
    transitions as (select * from {{ ref("int_transitions") }}),

    months as (select * from {{ ref("int_months") }}),

    final as (
        select
            transitions.person_key,
            transitions.step_no,
            transitions.from_service,
            transitions.to_service,
            transitions.from_theme,
            transitions.to_theme,
            transitions.transition_date,
            months.quarter_code,
            months.year_code,
            months.year_code is not null as is_in_window,
            transitions.gap_days,
            transitions.is_overlapping,
            transitions.is_tie
        from transitions
        left join months on months.month_number = {{ month_number("transitions.transition_date") }}
    )

select *
from final
