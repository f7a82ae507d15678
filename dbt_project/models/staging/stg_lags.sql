with
    records as (select * from {{ source("area", "lags") }}),

    final as (
        select
            feed,
            delivery_id,
            lag,
            cast(lag_index as int) as lag_index,
            cast(rows as bigint) as row_count
        from records
    )

select *
from final
