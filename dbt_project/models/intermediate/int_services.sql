with
    services as (select * from {{ ref("stg_services") }}),

    uses as (select * from {{ ref("int_service_uses") }}),

    -- A service that a feed names and the directory does not: kept apart, and treated as
    -- sensitive until known.
    unlisted as (
        select uses.service_id
        from uses
        left join services on uses.service_id = services.service_id
        where services.service_id is null
        group by uses.service_id
    ),

    known as (
        select
            service_id,
            service_name,
            organization_id,
            organization_name,
            theme,
            theme_name,
            sensitivity,
            status,
            true as is_listed
        from services
        union all
        select
            service_id,
            service_id as service_name,
            'unlisted' as organization_id,
            'Not in the service directory' as organization_name,
            'unlisted' as theme,
            'Not in the service directory' as theme_name,
            'sensitive' as sensitivity,
            'active' as status,
            false as is_listed
        from unlisted
    ),

    themes as (
        select
            theme,
            max(theme_name) as theme_name,
            cast(row_number() over (order by theme nulls last) - 1 as int) as theme_index
        from known
        group by theme
    ),

    final as (
        select
            known.service_id,
            known.service_name,
            known.organization_id,
            known.organization_name,
            known.theme,
            themes.theme_name,
            known.sensitivity,
            known.status,
            known.is_listed,
            themes.theme_index,
            cast(power(2, themes.theme_index) as bigint) as theme_bit
        from known
        inner join themes on known.theme = themes.theme
    )

select *
from final
