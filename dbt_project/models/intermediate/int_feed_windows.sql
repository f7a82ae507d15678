with
    feeds as (select * from {{ ref("stg_feeds") }}),

    deliveries as (select * from {{ ref("stg_deliveries") }} where outcome <> 'refused'),

    observed as (select * from {{ ref("int_observation_windows") }}),

    -- A delivery shows life to the end of its period, and never past the day on which it came.
    shown as (
        select
            feed,
            max(
                least(
                    coalesce({{ period_end("period") }}, cast(delivered_at as date)),
                    cast(delivered_at as date)
                )
            ) as covered_to_date
        from deliveries
        group by feed
    ),

    named as (
        select feed
        from feeds
        union
        select feed
        from shown
    ),

    -- Without an account of deliveries nothing says that the feed stopped.
    final as (
        select
            named.feed,
            least(
                coalesce(shown.covered_to_date, observed.data_end_date), observed.data_end_date
            ) as observed_to_date,
            coalesce(shown.covered_to_date < observed.data_end_date, false) as stops_before_data_end
        from named
        cross join observed
        left join shown on named.feed = shown.feed
    )

select *
from final
