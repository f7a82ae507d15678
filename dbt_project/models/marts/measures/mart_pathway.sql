with
    events as (select * from {{ ref("int_events") }}),

    followups as (select * from {{ ref("int_followups") }}),

    months as (select * from {{ ref("int_months") }}),

    used as (select * from {{ ref("int_person_services") }}),

    -- Months of the window before the event and after it, as far as the person is followed.
    seen as (
        select
            events.event,
            events.person_key,
            months.month_mask,
            cast(
                months.month_number - {{ month_number("events.event_date") }} as int
            ) as months_from_event
        from events
        inner join followups on events.person_key = followups.person_key
        inner join
            months
            on months.month_number
            between {{ month_number("events.event_date") }}
            - {{ var("pathway_months") }} and {{ month_number("events.event_date") }}
            + {{ var("pathway_months") }}
            and months.month_number <= followups.last_month_number
    ),

    observed as (
        select event, months_from_event, count(*) as people_observed
        from seen
        group by event, months_from_event
    ),

    using_any as (
        select seen.event, seen.months_from_event, seen.person_key, used.service_id, used.theme
        from seen
        inner join
            used on seen.person_key = used.person_key and (seen.month_mask & used.month_mask) <> 0
    ),

    counted as (
        select
            event,
            months_from_event,
            'service' as level,
            service_id as scope_code,
            count(distinct person_key) as people
        from using_any
        group by event, months_from_event, service_id
        union all
        select
            event,
            months_from_event,
            'theme' as level,
            theme as scope_code,
            count(distinct person_key) as people
        from using_any
        group by event, months_from_event, theme
        union all
        select
            event,
            months_from_event,
            'any' as level,
            'any' as scope_code,
            count(distinct person_key) as people
        from using_any
        group by event, months_from_event
    ),

    -- Every service that is used around the event has a row for every month, with none if nobody
    -- used it then.
    scopes as (select event, level, scope_code from counted group by event, level, scope_code),

    filled as (
        select
            observed.event,
            observed.months_from_event,
            scopes.level,
            scopes.scope_code,
            observed.people_observed,
            coalesce(counted.people, 0) as people
        from observed
        inner join scopes on observed.event = scopes.event
        left join
            counted
            on observed.event = counted.event
            and observed.months_from_event = counted.months_from_event
            and scopes.level = counted.level
            and scopes.scope_code = counted.scope_code
    ),

    final as (
        select
            event,
            months_from_event,
            level,
            scope_code,
            cast(people_observed as bigint) as people_observed,
            cast(people as bigint) as people,
            {{ share("people", "people_observed") }} as use_share,
            {{ wilson("people", "people_observed", "low") }} as use_share_low,
            {{ wilson("people", "people_observed", "high") }} as use_share_high
        from filled
    )

select *
from final
