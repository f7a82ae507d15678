with
    periods as (select * from {{ ref("dim_period") }}),

    final as (
        select
            period_code,
            period_label,
            period_level,
            year_code,
            first_month_index,
            month_count,
            month_mask,
            start_date,
            end_date
        from periods
    )

select *
from final
order by first_month_index, month_count
