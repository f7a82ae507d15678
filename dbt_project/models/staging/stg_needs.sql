{{ config(materialized="table") }}

with
    records as (select * from {{ source("in_force", "need") }}),

    deliveries as (select * from {{ ref("stg_deliveries") }}),

    keyed as (select records.*, {{ record_key("need_ref") }} as need_key from records),

    ranked as (
        select
            records.*,
            row_number() over (
                partition by records.need_key order by {{ newest_delivery_first() }}
            ) as version_no
        from keyed as records
        left join
            deliveries
            on records.feed = deliveries.feed
            and records.delivery_id = deliveries.delivery_id
    ),

    final as (
        select need_key, feed, partner, source_ref, episode_ref, need_code, level, recorded_date
        from ranked
        where version_no = 1
    )

select *
from final
