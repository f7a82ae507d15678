with
    episodes as (select * from {{ ref("stg_episodes") }}),

    contacts as (select * from {{ ref("stg_contacts") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    -- Kept contacts of the same record and service from the referral on; one that names its
    -- episode counts for that one only.
    final as (
        select episodes.episode_key, min(contacts.contact_date) as first_contact_date
        from episodes
        inner join
            contacts
            on episodes.feed = contacts.feed
            and episodes.source_ref = contacts.source_ref
            and episodes.service_id = contacts.service_id
        cross join observed
        where
            contacts.contact_date >= coalesce(episodes.referral_date, episodes.start_date)
            and contacts.contact_date <= coalesce(episodes.end_date, observed.data_end_date)
            and contacts.contact_date <= observed.data_end_date
            and coalesce(contacts.episode_ref = episodes.episode_ref, true)
            and coalesce(contacts.attendance, '') not in {{ text_list(var("attendance_not_use")) }}
        group by episodes.episode_key
    )

select *
from final
