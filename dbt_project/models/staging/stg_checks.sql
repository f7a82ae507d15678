with
    records as (select * from {{ source("area", "checks") }}),

    final as (
        select feed, delivery_id, check_id, severity, cast(rows as bigint) as row_count from records
    )

select *
from final
