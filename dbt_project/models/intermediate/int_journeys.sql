with
    steps as (select * from {{ ref("int_steps") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    entries as (
        select
            steps.person_key,
            steps.service_id as entry_service,
            steps.theme as entry_theme,
            steps.start_date as entry_date
        from steps
        cross join observed
        where steps.step_no = 1 and steps.start_date >= observed.data_start_date
    ),

    compared as (
        select
            steps.*,
            case
                when theme = lag(theme) over (partition by person_key order by step_no nulls last)
                then 0
                else 1
            end as begins_stage
        from steps
    ),

    staged as (
        select
            compared.*,
            sum(begins_stage) over (
                partition by person_key
                order by step_no nulls last
                rows between unbounded preceding and current row
            ) as stage_no
        from compared
    ),

    stages as (
        select
            person_key,
            max(case when stage_no = 1 then theme end) as step_1,
            max(case when stage_no = 2 then theme end) as step_2,
            max(case when stage_no = 3 then theme end) as step_3,
            max(case when stage_no = 4 then theme end) as step_4,
            cast(max(stage_no) as int) as stage_count
        from staged
        group by person_key
    ),

    final as (
        select
            entries.person_key,
            entries.entry_date,
            entries.entry_service,
            entries.entry_theme,
            stages.step_1,
            coalesce(stages.step_2, 'none') as step_2,
            coalesce(stages.step_3, 'none') as step_3,
            coalesce(stages.step_4, 'none') as step_4,
            stages.stage_count
        from entries
        inner join stages on entries.person_key = stages.person_key
    )

select *
from final
