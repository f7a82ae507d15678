with
    agreements as (select * from {{ ref("stg_agreements") }}),

    feeds as (
        select
            agreement_id,
            cast(count(*) as int) as feed_count,
            cast(sum(case when is_permitted then 1 else 0 end) as int) as permitted_feed_count
        from {{ ref("stg_feeds") }}
        group by agreement_id
    ),

    final as (
        select
            agreements.agreement_id,
            agreements.title,
            agreements.status,
            agreements.starts_on,
            agreements.expires_on,
            agreements.review_on,
            agreements.is_in_force,
            coalesce(feeds.feed_count, 0) as feed_count,
            coalesce(feeds.permitted_feed_count, 0) as permitted_feed_count
        from agreements
        left join feeds on agreements.agreement_id = feeds.agreement_id
    )

select *
from final
