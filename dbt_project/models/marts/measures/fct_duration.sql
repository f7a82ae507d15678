with
    referrals as (select * from {{ ref("fct_referral") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    -- A feed that never sends a kept contact cannot say when the first one was.
    contact_feeds as (
        select feed from referrals where first_contact_date is not null group by feed
    ),

    -- Endings: event is what the clock waits for, competing what makes it impossible, censored
    -- that neither was seen by the feed's last day.
    clocked as (
        select
            'referral_to_contact' as clock,
            referrals.episode_key,
            referrals.service_id,
            referrals.theme,
            referrals.referral_date as clock_start_date,
            case
                when referrals.first_contact_date <= referrals.observed_to_date
                then referrals.first_contact_date
                when referrals.wait_ending in ('declined', 'withdrawn')
                then {{ add_days("referrals.referral_date", "referrals.wait_days") }}
                else coalesce(referrals.end_date, referrals.observed_to_date)
            end as clock_end_date,
            case
                when referrals.first_contact_date <= referrals.observed_to_date
                then 'event'
                when
                    referrals.wait_ending in ('declined', 'withdrawn')
                    or referrals.end_date is not null
                then 'competing'
                else 'censored'
            end as ending
        from referrals
        inner join contact_feeds on referrals.feed = contact_feeds.feed
        union all
        select
            'referral_to_start' as clock,
            episode_key,
            service_id,
            theme,
            referral_date as clock_start_date,
            {{ add_days("referral_date", "wait_days") }} as clock_end_date,
            case
                wait_ending
                when 'started'
                then 'event'
                when 'waiting'
                then 'censored'
                else 'competing'
            end as ending
        from referrals
        union all
        select
            'start_to_end' as clock,
            episode_key,
            service_id,
            theme,
            start_date as clock_start_date,
            coalesce(end_date, observed_to_date) as clock_end_date,
            case when stay_ending = 'open' then 'censored' else 'event' end as ending
        from referrals
        where start_date is not null
        union all
        select
            'start_to_completion' as clock,
            episode_key,
            service_id,
            theme,
            start_date as clock_start_date,
            coalesce(end_date, observed_to_date) as clock_end_date,
            case
                stay_ending when 'planned' then 'event' when 'open' then 'censored' else 'competing'
            end as ending
        from referrals
        where start_date is not null
    ),

    -- Who began before the window is at risk only from its first day on (delayed entry).
    timed as (
        select
            clocked.*,
            cast(
                {{ days_between("clocked.clock_start_date", "clocked.clock_end_date") }} as int
            ) as days,
            cast(
                greatest(
                    {{ days_between("clocked.clock_start_date", "observed.data_start_date") }} - 1,
                    -1
                ) as int
            ) as entry_days
        from clocked
        cross join observed
        where clocked.clock_end_date is not null
    ),

    final as (
        select clock, episode_key, service_id, theme, entry_days, greatest(days, 0) as days, ending
        from timed
        where greatest(days, 0) > entry_days
    )

select *
from final
