with
    periods as (select * from {{ ref("int_reported_periods") }}),

    quality as (select * from {{ ref("stg_quality") }}),

    final as (
        select
            periods.feed,
            periods.period,
            periods.period_end_date,
            quality.dimension,
            quality.score,
            quality.worst_place,
            quality.worst_score,
            quality.worst_check,
            quality.worst_rows,
            quality.failing_rows,
            periods.rows_delivered
        from periods
        inner join
            quality on periods.feed = quality.feed and periods.delivery_id = quality.delivery_id
    )

select *
from final
order by feed, dimension, period_end_date, period
