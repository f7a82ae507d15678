with
    uses as (select * from {{ ref("int_service_uses") }}),

    services as (select * from {{ ref("int_services") }}),

    feeds as (select * from {{ ref("int_feed_windows") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    -- Several feeds may tell of one service: it is seen whole only as long as all of them do.
    supplied as (
        select used.service_id, min(feeds.observed_to_date) as observed_to_date
        from (select feed, service_id from uses group by feed, service_id) as used
        inner join feeds on used.feed = feeds.feed
        group by used.service_id
    ),

    final as (
        select
            services.service_id,
            coalesce(supplied.observed_to_date, observed.data_end_date) as observed_to_date
        from services
        cross join observed
        left join supplied on services.service_id = supplied.service_id
    )

select *
from final
