with
    members as (
        select *
        from {{ ref("fct_persona_member") }}
        where membership = 'member' and year_code = 'all'
    ),

    durations as (select * from {{ ref("fct_duration") }} where clock = 'referral_to_start'),

    referrals as (select * from {{ ref("fct_referral") }}),

    waited as (
        select
            members.persona_id,
            durations.service_id,
            durations.entry_days,
            durations.days,
            durations.ending
        from durations
        inner join referrals on durations.episode_key = referrals.episode_key
        inner join members on referrals.person_key = members.person_key
    ),

    scoped as (
        select persona_id, service_id, entry_days, days, ending
        from waited
        union all
        select persona_id, 'all' as service_id, entry_days, days, ending
        from waited
    ),

    changes as (
        select persona_id, service_id, entry_days + 1 as day, 1 as entered, 0 as gone, 0 as events
        from scoped
        union all
        select
            persona_id,
            service_id,
            days as day,
            0 as entered,
            1 as gone,
            case when ending = 'event' then 1 else 0 end as events
        from scoped
    ),

    daily as (
        select
            persona_id,
            service_id,
            day,
            sum(entered) as entered,
            sum(gone) as gone,
            sum(events) as events
        from changes
        group by persona_id, service_id, day
    ),

    -- At risk on a day: all that have entered by it, less all that were gone before it.
    followed as (
        select
            daily.*,
            sum(entered - gone) over (
                partition by persona_id, service_id
                order by day nulls last
                rows between unbounded preceding and current row
            )
            + gone as at_risk
        from daily
    ),

    -- Kaplan and Meier; a factor of nought has no logarithm, and then the product is nought.
    survived as (
        select
            followed.*,
            sum(
                case when events < at_risk then ln(1 - {{ share("events", "at_risk") }}) else 0 end
            ) over (
                partition by persona_id, service_id
                order by day nulls last
                rows between unbounded preceding and current row
            ) as log_survival,
            sum(case when events = at_risk and events > 0 then 1 else 0 end) over (
                partition by persona_id, service_id
                order by day nulls last
                rows between unbounded preceding and current row
            ) as ended
        from followed
    ),

    final as (
        select
            persona_id,
            service_id,
            cast(sum(gone) as bigint) as cases,
            cast(sum(events) as bigint) as events,
            min(
                case when ended > 0 or exp(log_survival) <= 0.5 + 0.000000001 then day end
            ) as median_days
        from survived
        group by persona_id, service_id
    )

select *
from final
