with
    organisations as (select * from {{ ref("stg_organisations") }}),

    services as (
        select
            organization_id, max(organization_name) as organization_name, count(*) as service_count
        from {{ ref("int_services") }}
        group by organization_id
    ),

    feeds as (
        select partner, max(partner_name) as partner_name, count(*) as feed_count
        from {{ ref("stg_feeds") }}
        group by partner
    ),

    named as (
        select organization_id
        from organisations
        union
        select organization_id
        from services
        union
        select partner as organization_id
        from feeds
    ),

    final as (
        select
            named.organization_id,
            coalesce(
                organisations.organization_name, services.organization_name, feeds.partner_name
            ) as organization_name,
            coalesce(organisations.sector, 'unknown') as sector,
            cast(coalesce(services.service_count, 0) as int) as service_count,
            cast(coalesce(feeds.feed_count, 0) as int) as feed_count
        from named
        left join organisations on named.organization_id = organisations.organization_id
        left join services on named.organization_id = services.organization_id
        left join feeds on named.organization_id = feeds.partner
    )

select *
from final
