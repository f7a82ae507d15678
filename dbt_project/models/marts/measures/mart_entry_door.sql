with
    journeys as (select * from {{ ref("int_journeys") }}),

    steps as (
        select person_key, max(step_no) as step_count
        from {{ ref("int_steps") }}
        group by person_key
    ),

    months as (select * from {{ ref("int_months") }}),

    entered as (
        select
            months.year_code,
            journeys.entry_service,
            journeys.entry_theme,
            case when steps.step_count > 1 then 1 else 0 end as went_on,
            case when journeys.stage_count > 1 then 1 else 0 end as went_elsewhere
        from journeys
        inner join steps on journeys.person_key = steps.person_key
        inner join months on months.month_number = {{ month_number("journeys.entry_date") }}
    ),

    doors as (
        select 'service' as level, entry_service as door, year_code, went_on as went_on
        from entered
        union all
        select 'theme' as level, entry_theme as door, year_code, went_elsewhere as went_on
        from entered
    ),

    counted as (
        select
            level,
            coalesce(year_code, 'all') as year_code,
            door,
            count(*) as people,
            sum(went_on) as people_went_on
        from doors
        group by grouping sets ((level, year_code, door), (level, door))
    ),

    totalled as (
        select
            counted.*,
            cast(sum(people) over (partition by level, year_code) as bigint) as people_entered
        from counted
    ),

    final as (
        select
            level,
            year_code,
            door,
            cast(people as bigint) as people,
            people_entered,
            {{ share("people", "people_entered") }} as door_share,
            {{ wilson("people", "people_entered", "low") }} as door_share_low,
            {{ wilson("people", "people_entered", "high") }} as door_share_high,
            cast(people_went_on as bigint) as people_went_on,
            {{ share("people_went_on", "people") }} as went_on_share
        from totalled
    )

select *
from final
