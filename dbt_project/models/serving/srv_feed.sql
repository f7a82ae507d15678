with
    feeds as (select * from {{ ref("mart_feed_quality") }}),

    final as (
        select
            feed,
            partner_name,
            title,
            agreement_id,
            is_permitted as permitted,
            reason,
            newest_record_date,
            newest_delivery_at,
            newest_period,
            rows_delivered,
            rows_accepted,
            rows_quarantined,
            rows_superseded,
            deliveries,
            deliveries_refused,
            refused_waiting,
            refused_waiting_at,
            is_late,
            people_match_rate
        from feeds
    )

select *
from final
order by feed
