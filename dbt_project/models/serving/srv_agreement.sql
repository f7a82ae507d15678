with
    agreements as (select * from {{ ref("mart_agreement") }}),

    final as (
        select
            agreement_id,
            title,
            status,
            starts_on,
            expires_on,
            review_on,
            is_in_force as in_force,
            feed_count as feeds,
            permitted_feed_count as permitted_feeds
        from agreements
    )

select *
from final
order by agreement_id
