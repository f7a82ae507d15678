with
    quality as (select * from {{ ref("stg_linkage_quality") }}),

    final as (
        select
            feed,
            group_kind,
            coalesce(group_value, 'unknown') as group_value,
            records,
            linkable,
            linked,
            unlinkable,
            match_rate
        from quality
    )

select *
from final
