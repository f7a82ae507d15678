with
    episodes as (select * from {{ ref("stg_episodes") }}),

    contacts as (select * from {{ ref("stg_contacts") }}),

    links as (select * from {{ ref("stg_person_links") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    -- A referral without a start is no use. An episode without an end, or that ends after the
    -- data do, is open.
    episode_uses as (
        select
            episodes.episode_key as use_key,
            'episode' as use_kind,
            episodes.feed,
            links.person_key,
            episodes.service_id,
            episodes.start_date,
            case
                when episodes.end_date <= observed.data_end_date
                then episodes.end_date
                else observed.data_end_date
            end as end_date,
            coalesce(episodes.end_date > observed.data_end_date, true) as is_open
        from episodes
        cross join observed
        inner join links on episodes.feed = links.feed and episodes.source_ref = links.source_ref
        where
            episodes.service_id is not null
            and episodes.start_date <= observed.data_end_date
            and coalesce(episodes.end_date >= episodes.start_date, true)
            and coalesce(episodes.status, '') not in {{ text_list(var("episode_status_not_use")) }}
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
