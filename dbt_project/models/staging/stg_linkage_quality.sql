with
    records as (select * from {{ source("linkage", "linkage_quality") }}),

    final as (
        select
            feed,
            group_kind,
            cast(group_value as string) as group_value,
            cast(records as bigint) as records,
            cast(linkable as bigint) as linkable,
            cast(linked as bigint) as linked,
            cast(unlinkable as bigint) as unlinkable,
            cast(match_rate as double) as match_rate
        from records
    )

select *
from final
