with
    periods as (select * from {{ ref("int_reported_periods") }}),

    found as (
        select feed, delivery_id, check_id, sum(row_count) as row_count
        from {{ ref("stg_checks") }}
        group by feed, delivery_id, check_id
    ),

    known as (
        select feed, check_id, {{ severest("severity") }} as severity
        from {{ ref("stg_checks") }}
        group by feed, check_id
    ),

    final as (
        select
            periods.feed,
            periods.period,
            periods.period_end_date,
            known.check_id,
            known.severity,
            cast(coalesce(found.row_count, 0) as bigint) as rows,
            periods.rows_delivered
        from periods
        inner join known on periods.feed = known.feed
        left join
            found
            on periods.feed = found.feed
            and periods.delivery_id = found.delivery_id
            and known.check_id = found.check_id
    )

select *
from final
order by feed, check_id, period_end_date, period
