with
    records as (select * from {{ source("linkage", "thresholds") }}),

    final as (
        select
            cast(threshold as double) as threshold,
            cast(links as bigint) as links,
            cast(people as bigint) as people
        from records
    )

select *
from final
