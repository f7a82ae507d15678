with
    records as (select * from {{ source("area", "periods") }}),

    final as (
        select
            period_code,
            period_label,
            period_level,
            year_code,
            cast(first_month_index as int) as first_month_index,
            cast(month_count as int) as month_count,
            cast(month_mask as bigint) as month_mask,
            cast(start_date as date) as start_date,
            cast(end_date as date) as end_date
        from records
    )

select *
from final
