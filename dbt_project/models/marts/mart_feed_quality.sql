with
    feeds as (select * from {{ ref("stg_feeds") }}),

    deliveries as (select * from {{ ref("stg_deliveries") }}),

    episodes as (select * from {{ ref("fct_episode") }}),

    contacts as (select * from {{ ref("fct_contact") }}),

    linkage as (select * from {{ ref("stg_linkage_quality") }} where group_kind = 'all'),

    clock as (select coalesce({{ date_or_null(var("today")) }}, current_date) as today),

    delivered as (
        select
            feed,
            max(case when outcome <> 'refused' then delivered_at end) as newest_delivery_at,
            max(case when outcome <> 'refused' then period end) as newest_period,
            max(
                case
                    when outcome <> 'refused'
                    then coalesce({{ period_end("period") }}, cast(delivered_at as date))
                end
            ) as covered_to_date,
            cast(sum(delivered) as bigint) as rows_delivered,
            cast(sum(accepted) as bigint) as rows_accepted,
            cast(sum(quarantined) as bigint) as rows_quarantined,
            cast(sum(superseded) as bigint) as rows_superseded,
            cast(count(*) as int) as deliveries,
            cast(sum(case when outcome = 'refused' then 1 else 0 end) as int) as deliveries_refused
        from deliveries
        group by feed
    ),

    waiting as (
        select
            refused.feed,
            cast(count(*) as int) as refused_waiting,
            max(refused.delivered_at) as refused_waiting_at
        from deliveries as refused
        left join
            deliveries as mended
            on refused.feed = mended.feed
            and mended.outcome <> 'refused'
            and mended.delivered_at >= refused.delivered_at
            and (refused.period is null or refused.period = mended.period)
        where refused.outcome = 'refused' and mended.feed is null
        group by refused.feed
    ),

    record_dates as (
        select feed, start_date as record_date
        from episodes
        union all
        select feed, end_date as record_date
        from episodes
        union all
        select feed, referral_date as record_date
        from episodes
        union all
        select feed, contact_date as record_date
        from contacts
        union all
        select feed, recorded_date as record_date
        from {{ ref("stg_needs") }}
        union all
        select feed, recorded_date as record_date
        from {{ ref("stg_outcomes") }}
    ),

    newest as (
        select record_dates.feed, max(record_dates.record_date) as newest_record_date
        from record_dates
        cross join clock
        where record_dates.record_date <= clock.today
        group by record_dates.feed
    ),

    service_use as (
        select
            feed,
            cast(count(*) as bigint) as use_rows,
            cast(
                sum(case when use_status = 'used' then 1 else 0 end) as bigint
            ) as use_rows_counted,
            cast(
                sum(case when use_status = 'no_person' then 1 else 0 end) as bigint
            ) as use_rows_without_person
        from
            (
                select feed, use_status
                from episodes
                union all
                select feed, use_status
                from contacts
            ) as rows_of_use
        group by feed
    ),

    final as (
        select
            feeds.feed,
            feeds.partner,
            feeds.partner_name,
            feeds.title,
            feeds.agreement_id,
            feeds.is_permitted,
            feeds.reason,
            newest.newest_record_date,
            delivered.newest_delivery_at,
            delivered.newest_period,
            coalesce(delivered.rows_delivered, 0) as rows_delivered,
            coalesce(delivered.rows_accepted, 0) as rows_accepted,
            coalesce(delivered.rows_quarantined, 0) as rows_quarantined,
            coalesce(delivered.rows_superseded, 0) as rows_superseded,
            coalesce(delivered.deliveries, 0) as deliveries,
            coalesce(delivered.deliveries_refused, 0) as deliveries_refused,
            coalesce(waiting.refused_waiting, 0) as refused_waiting,
            waiting.refused_waiting_at,
            coalesce(service_use.use_rows, 0) as use_rows,
            coalesce(service_use.use_rows_counted, 0) as use_rows_counted,
            coalesce(service_use.use_rows_without_person, 0) as use_rows_without_person,
            {{
                is_late(
                    "feeds.cadence",
                    "feeds.late_after_days",
                    "delivered.covered_to_date",
                    "clock.today",
                )
            }} as is_late,
            linkage.match_rate as people_match_rate
        from feeds
        cross join clock
        left join delivered on feeds.feed = delivered.feed
        left join waiting on feeds.feed = waiting.feed
        left join newest on feeds.feed = newest.feed
        left join service_use on feeds.feed = service_use.feed
        left join linkage on feeds.feed = linkage.feed
    )

select *
from final
