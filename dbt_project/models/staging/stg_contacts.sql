{{ config(materialized="table") }}

with
    records as (select * from {{ source("in_force", "contact") }}),

    deliveries as (select * from {{ ref("stg_deliveries") }}),

    keyed as (select records.*, {{ record_key("contact_ref") }} as contact_key from records),

    ranked as (
        select
            records.*,
            row_number() over (
                partition by records.contact_key order by {{ newest_delivery_first() }}
            ) as version_no
        from keyed as records
        left join
            deliveries
            on records.feed = deliveries.feed
            and records.delivery_id = deliveries.delivery_id
    ),

    final as (
        select
            contact_key,
            feed,
            partner,
            source_ref,
            episode_ref,
            service_id,
            contact_date,
            contact_type,
            attendance
        from ranked
        where version_no = 1
    )

select *
from final
