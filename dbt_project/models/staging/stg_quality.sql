with
    records as (select * from {{ source("area", "quality") }}),

    final as (
        select
            feed,
            delivery_id,
            dimension,
            cast(score as double) as score,
            worst_place,
            cast(worst_score as double) as worst_score,
            worst_check,
            cast(worst_rows as bigint) as worst_rows,
            cast(failing_rows as bigint) as failing_rows
        from records
    )

select *
from final
