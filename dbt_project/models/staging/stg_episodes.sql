with
    records as (select * from {{ source("in_force", "episode") }}),

    final as (
        select
            {{ record_key("episode_ref") }} as episode_key,
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
        from records
    )

select *
from final
