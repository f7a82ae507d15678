with
    records as (select * from {{ source("area", "needs") }}),

    final as (select need_code, need_name, service_theme from records)

select *
from final
