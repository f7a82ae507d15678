with
    deliveries as (select * from {{ ref("stg_deliveries") }}),

    dated as (
        select
            feed,
            delivery_id,
            coalesce(period, cast(cast(delivered_at as date) as string)) as period,
            coalesce({{ period_end("period") }}, cast(delivered_at as date)) as period_end_date,
            delivered_at,
            outcome,
            delivered as rows_delivered
        from deliveries
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by feed, period order by delivered_at desc, delivery_id desc
            ) as newness
        from dated
    ),

    final as (
        select feed, period, period_end_date, delivery_id, outcome, rows_delivered
        from ranked
        where newness = 1
    )

select *
from final
