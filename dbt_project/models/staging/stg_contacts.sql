with
    records as (select * from {{ source("in_force", "contact") }}),

    final as (
        select
            {{ record_key("contact_ref") }} as contact_key,
            feed,
            partner,
            source_ref,
            episode_ref,
            service_id,
            contact_date,
            contact_type,
            attendance
        from records
    )

select *
from final
