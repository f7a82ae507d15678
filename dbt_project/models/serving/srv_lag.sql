with
    periods as (select * from {{ ref("int_reported_periods") }}),

    lags as (select * from {{ ref("stg_lags") }}),

    final as (
        select
            periods.feed,
            periods.period,
            periods.period_end_date,
            lags.lag,
            lags.lag_index,
            lags.row_count as rows
        from periods
        inner join lags on periods.feed = lags.feed and periods.delivery_id = lags.delivery_id
    )

select *
from final
order by feed, period_end_date, period, lag_index
