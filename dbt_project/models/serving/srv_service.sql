with
    services as (select * from {{ ref("dim_service") }}),

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
        from services
    )

select *
from final
order by service_id
