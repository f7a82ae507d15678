with
    episodes as (select * from {{ ref("stg_episodes") }}),

    contacts as (select * from {{ ref("stg_contacts") }}),

    links as (select * from {{ ref("stg_person_links") }}),

    feeds as (select * from {{ ref("int_feed_windows") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    -- Each feed shows life to its own last day of data, which a stopped or late feed has early.
    shown as (
        select
            episodes.*, coalesce(feeds.observed_to_date, observed.data_end_date) as observed_to_date
        from episodes
        cross join observed
        left join feeds on episodes.feed = feeds.feed
    ),

    -- A referral without a start is no use. An episode without an end, or that ends after what
    -- its feed shows, is open: censored on the feed's last day of data.
    episode_uses as (
        select
            shown.episode_key as use_key,
            'episode' as use_kind,
            shown.feed,
            links.person_key,
            shown.service_id,
            shown.start_date,
            case
                when shown.end_date <= shown.observed_to_date
                then shown.end_date
                else greatest(shown.start_date, shown.observed_to_date)
            end as end_date,
            coalesce(shown.end_date > shown.observed_to_date, true) as is_open
        from shown
        cross join observed
        inner join links on shown.feed = links.feed and shown.source_ref = links.source_ref
        where
            shown.service_id is not null
            and shown.start_date <= observed.data_end_date
            and coalesce(shown.end_date >= shown.start_date, true)
            and coalesce(shown.status, '') not in {{ text_list(var("episode_status_not_use")) }}
    ),

    contact_uses as (
        select
            contacts.contact_key as use_key,
            'contact' as use_kind,
            contacts.feed,
            links.person_key,
            contacts.service_id,
            contacts.contact_date as start_date,
            contacts.contact_date as end_date,
            false as is_open
        from contacts
        cross join observed
        inner join links on contacts.feed = links.feed and contacts.source_ref = links.source_ref
        where
            contacts.service_id is not null
            and contacts.contact_date <= observed.data_end_date
            and coalesce(contacts.attendance, '') not in {{ text_list(var("attendance_not_use")) }}
    ),

    final as (
        select *
        from episode_uses
        union all
        select *
        from contact_uses
    )

select *
from final
