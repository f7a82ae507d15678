with
    records as (select * from {{ source("area", "services") }}),

    final as (
        select
            service_id,
            service_name,
            organization_id,
            organization_name,
            theme,
            theme_name,
            sensitivity,
            status
        from records
    )

select *
from final
