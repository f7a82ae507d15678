with
    services as (select * from {{ ref("int_services") }}),

    final as (
        select
            service_id,
            service_name,
            organization_id,
            organization_name,
            theme,
            theme_name,
            theme_index,
            theme_bit,
            sensitivity,
            status,
            is_listed
        from services
    )

select *
from final
