with
    events as (select * from {{ ref("int_events") }}),

    followups as (select * from {{ ref("int_followups") }}),

    months as (select * from {{ ref("int_months") }}),

    used as (select * from {{ ref("int_person_services") }}),

    -- Only who is seen for all the months before and all the months after. Bits i to j together
    -- are 2 * bit j - bit i.
    followed as (
        select
            events.event,
            events.person_key,
            2 * last_before.month_mask - first_before.month_mask as before_mask,
            2 * last_after.month_mask - first_after.month_mask as after_mask
        from events
        inner join followups on events.person_key = followups.person_key
        {% for name, shift in [
                ("first_before", -var("pathway_months")),
                ("last_before", -1),
                ("first_after", 1),
                ("last_after", var("pathway_months")),
            ] %}
            inner join
                months as {{ name }}
                on {{ name }}.month_number = {{ month_number("events.event_date") }} + {{ shift }}
        {% endfor %}
        where last_after.month_number <= followups.last_month_number
    ),

    people as (select event, count(*) as people_followed from followed group by event),

    uses as (
        select
            followed.event,
            followed.person_key,
            used.service_id,
            used.theme,
            case when (used.month_mask & followed.before_mask) <> 0 then 1 else 0 end as was_before,
            case when (used.month_mask & followed.after_mask) <> 0 then 1 else 0 end as is_after
        from followed
        inner join used on followed.person_key = used.person_key
    ),

    each as (
        select
            event,
            person_key,
            'service' as level,
            service_id as scope_code,
            max(was_before) as was_before,
            max(is_after) as is_after
        from uses
        group by event, person_key, service_id
        union all
        select
            event,
            person_key,
            'theme' as level,
            theme as scope_code,
            max(was_before) as was_before,
            max(is_after) as is_after
        from uses
        group by event, person_key, theme
        union all
        select
            event,
            person_key,
            'any' as level,
            'any' as scope_code,
            max(was_before) as was_before,
            max(is_after) as is_after
        from uses
        group by event, person_key
    ),

    counted as (
        select
            event,
            level,
            scope_code,
            sum(was_before) as people_before,
            sum(is_after) as people_after,
            sum(was_before * is_after) as people_both
        from each
        group by event, level, scope_code
    ),

    final as (
        select
            counted.event,
            counted.level,
            counted.scope_code,
            cast(people.people_followed as bigint) as people_followed,
            cast(counted.people_before as bigint) as people_before,
            cast(counted.people_after as bigint) as people_after,
            cast(counted.people_both as bigint) as people_both,
            {{ share("counted.people_before", "people.people_followed") }} as before_share,
            {{ wilson("counted.people_before", "people.people_followed", "low") }}
            as before_share_low,
            {{ wilson("counted.people_before", "people.people_followed", "high") }}
            as before_share_high,
            {{ share("counted.people_after", "people.people_followed") }} as after_share,
            {{ wilson("counted.people_after", "people.people_followed", "low") }}
            as after_share_low,
            {{ wilson("counted.people_after", "people.people_followed", "high") }}
            as after_share_high
        from counted
        inner join people on counted.event = people.event
    )

select *
from final
