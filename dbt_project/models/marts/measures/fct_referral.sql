with
    episodes as (
        select * from {{ ref("fct_episode") }} where use_status not in ('no_person', 'no_service')
    ),

    first_contacts as (select * from {{ ref("int_first_contacts") }}),

    services as (select * from {{ ref("int_services") }}),

    feeds as (select * from {{ ref("int_feed_windows") }}),

    months as (select * from {{ ref("int_months") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    seen as (
        select
            episodes.*,
            case
                when episodes.start_date <= observed.data_end_date then episodes.start_date
            end as seen_start_date,
            case
                when episodes.end_date <= coalesce(feeds.observed_to_date, observed.data_end_date)
                then episodes.end_date
            end as seen_end_date,
            coalesce(feeds.observed_to_date, observed.data_end_date) as observed_to_date,
            observed.data_start_date
        from episodes
        cross join observed
        left join feeds on episodes.feed = feeds.feed
        where
            episodes.referral_date <= observed.data_end_date
            and episodes.use_status <> 'ends_before_start'
    ),

    -- A referral dated after the start is taken to be of the day of the start.
    told as (
        select
            seen.*,
            least(referral_date, coalesce(seen_start_date, referral_date)) as clock_start_date,
            {{ wait_ending("status", "seen_start_date", "seen_end_date") }} as wait_ending
        from seen
    ),

    timed as (
        select
            told.*,
            case
                wait_ending
                when 'started'
                then seen_start_date
                when 'waiting'
                then greatest(observed_to_date, clock_start_date)
                else
                    case
                        when seen_end_date < clock_start_date
                        then clock_start_date
                        else seen_end_date
                    end
            end as wait_end_date,
            case
                when wait_ending <> 'started'
                then null
                when seen_end_date is null
                then 'open'
                else {{ exit_kind("status", "end_reason") }}
            end as stay_ending
        from told
    ),

    final as (
        select
            timed.episode_key,
            timed.feed,
            timed.person_key,
            timed.service_id,
            services.theme,
            services.organization_id,
            timed.clock_start_date as referral_date,
            months.year_code,
            first_contacts.first_contact_date,
            case when timed.wait_ending = 'started' then timed.seen_start_date end as start_date,
            timed.seen_end_date as end_date,
            timed.observed_to_date,
            timed.wait_ending,
            cast(
                {{ days_between("timed.clock_start_date", "timed.wait_end_date") }} as int
            ) as wait_days,
            timed.stay_ending
        from timed
        inner join services on timed.service_id = services.service_id
        left join first_contacts on timed.episode_key = first_contacts.episode_key
        left join months on months.month_number = {{ month_number("timed.clock_start_date") }}
    )

select *
from final
