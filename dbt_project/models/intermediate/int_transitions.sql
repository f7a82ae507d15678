with
    steps as (select * from {{ ref("int_steps") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    followed as (
        select
            steps.*,
            lag(service_id) over (
                partition by person_key order by step_no nulls last
            ) as from_service,
            lag(theme) over (partition by person_key order by step_no nulls last) as from_theme,
            lag(start_date) over (
                partition by person_key order by step_no nulls last
            ) as from_start_date,
            lag(end_date) over (
                partition by person_key order by step_no nulls last
            ) as from_end_date
        from steps
    ),

    arrivals as (
        select
            person_key,
            step_no,
            coalesce(from_service, 'START') as from_service,
            service_id as to_service,
            coalesce(from_theme, 'START') as from_theme,
            theme as to_theme,
            start_date as transition_date,
            cast({{ days_between("from_end_date", "start_date") }} as int) as gap_days,
            coalesce(from_end_date >= start_date, false) as is_overlapping,
            coalesce(from_start_date = start_date, false) as is_tie
        from followed
    ),

    last_seen as (
        select
            person_key,
            max(step_no) as step_no,
            max(end_date) as end_date,
            bool_or(is_open) as is_open
        from steps
        group by person_key
    ),

    -- An end is seen only when nothing was used for `system_exit_days` after it; else the
    -- sequence is censored.
    departures as (
        select
            last_seen.person_key,
            cast(last_seen.step_no + 1 as int) as step_no,
            steps.service_id as from_service,
            case
                when last_seen.is_open
                then 'OPEN'
                when
                    {{ days_between("last_seen.end_date", "observed.data_end_date") }}
                    < observed.system_exit_days
                then 'OPEN'
                else 'END'
            end as to_service,
            steps.theme as from_theme,
            last_seen.end_date as transition_date
        from last_seen
        cross join observed
        inner join
            steps on last_seen.person_key = steps.person_key and last_seen.step_no = steps.step_no
    ),

    final as (
        select *
        from arrivals
        union all
        select
            person_key,
            step_no,
            from_service,
            to_service,
            from_theme,
            to_service as to_theme,
            transition_date,
            cast(null as int) as gap_days,
            false as is_overlapping,
            false as is_tie
        from departures
    )

select *
from final
