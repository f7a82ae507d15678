{{ config(materialized="table") }}

with
    records as (select * from {{ source("in_force", "outcome") }}),

    deliveries as (select * from {{ ref("stg_deliveries") }}),

    keyed as (select records.*, {{ record_key("outcome_ref") }} as outcome_key from records),

    ranked as (
        select
            records.*,
            row_number() over (
                partition by records.outcome_key order by {{ newest_delivery_first() }}
            ) as version_no
        from keyed as records
        left join
            deliveries
            on records.feed = deliveries.feed
            and records.delivery_id = deliveries.delivery_id
    ),

    final as (
        select
            outcome_key,
            feed,
            partner,
            source_ref,
            episode_ref,
            outcome_code,
            outcome_value,
            recorded_date
        from ranked
        where version_no = 1
    )

select *
from final
