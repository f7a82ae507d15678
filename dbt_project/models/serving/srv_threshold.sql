with
    thresholds as (select * from {{ ref("stg_thresholds") }}),

    final as (select threshold, links, people from thresholds)

select *
from final
order by threshold
