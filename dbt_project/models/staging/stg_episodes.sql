{{ config(materialized="table") }}

with
    records as (select * from {{ source("in_force", "episode") }}),

    deliveries as (select * from {{ ref("stg_deliveries") }}),

    keyed as (select records.*, {{ record_key("episode_ref") }} as episode_key from records),

    ranked as (
        select
            records.*,
            row_number() over (
                partition by records.episode_key order by {{ newest_delivery_first() }}
            ) as version_no
        from keyed as records
        left join
            deliveries
            on records.feed = deliveries.feed
            and records.delivery_id = deliveries.delivery_id
    ),

    final as (
        select
            episode_key,
            feed,
            partner,
            source_ref,
            episode_ref,
            service_id,
            referral_date,
            start_date,
            end_date,
            referral_source,
            status,
            end_reason,
            outcome
        from ranked
        where version_no = 1
    )

select *
from final
