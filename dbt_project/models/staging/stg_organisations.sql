with
    records as (select * from {{ source("area", "organizations") }}),

    final as (select organization_id, organization_name, sector from records)

select *
from final
