with
    quality as (select * from {{ ref("mart_linkage_quality") }}),

    final as (select feed, group_kind, group_value, records, match_rate from quality)

select *
from final
order by feed, group_kind, group_value
