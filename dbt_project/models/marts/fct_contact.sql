with
    contacts as (select * from {{ ref("stg_contacts") }}),

    links as (select * from {{ ref("stg_person_links") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    final as (
        select
            contacts.contact_key,
            contacts.feed,
            links.person_key,
            contacts.service_id,
            contacts.contact_date,
            contacts.contact_type,
            contacts.attendance,
            case
                when links.person_key is null
                then 'no_person'
                when contacts.service_id is null
                then 'no_service'
                when contacts.contact_date is null
                then 'no_date'
                when contacts.contact_date > observed.data_end_date
                then 'after_data_end'
                when coalesce(contacts.attendance, '') in {{ text_list(var("attendance_not_use")) }}
                then 'not_attended'
                else 'used'
            end as use_status
        from contacts
        cross join observed
        left join links on contacts.feed = links.feed and contacts.source_ref = links.source_ref
    )

select *
from final
