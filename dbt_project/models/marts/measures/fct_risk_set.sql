with
    durations as (select * from {{ ref("fct_duration") }}),

    counted as (
        select clock, service_id, theme, entry_days, days, ending, count(*) as cases
        from durations
        group by clock, service_id, theme, entry_days, days, ending
    ),

    scoped as (
        {% for scope, code in [
            ("all", "'all'"),
            ("theme", "theme"),
            ("service", "service_id"),
        ] %}
            select
                clock,
                '{{ scope }}' as scope,
                {{ code }} as scope_code,
                entry_days,
                days,
                ending,
                cases
            from counted
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    changes as (
        select
            clock,
            scope,
            scope_code,
            entry_days + 1 as day,
            cases as entered,
            0 as events,
            0 as competing,
            0 as censored
        from scoped
        union all
        select
            clock,
            scope,
            scope_code,
            days as day,
            0 as entered,
            case when ending = 'event' then cases else 0 end as events,
            case when ending = 'competing' then cases else 0 end as competing,
            case when ending = 'censored' then cases else 0 end as censored
        from scoped
    ),

    daily as (
        select
            clock,
            scope,
            scope_code,
            day,
            sum(entered) as entered,
            sum(events) as events,
            sum(competing) as competing,
            sum(censored) as censored,
            sum(events + competing + censored) as gone
        from changes
        group by clock, scope, scope_code, day
    ),

    -- At risk on a day: all that have entered by it, less all that were gone before it.
    followed as (
        select
            daily.*,
            sum(entered - gone) over (
                partition by clock, scope, scope_code
                order by day nulls last
                rows between unbounded preceding and current row
            )
            + gone as at_risk
        from daily
    ),

    final as (
        select
            clock,
            scope,
            scope_code,
            cast(day as int) as day,
            cast(at_risk as bigint) as at_risk,
            cast(events as bigint) as events,
            cast(competing as bigint) as competing,
            cast(censored as bigint) as censored
        from followed
        where gone > 0
    )

select *
from final
