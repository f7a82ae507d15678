with
    records as (select * from {{ source("area", "deliveries") }}),

    final as (
        select
            feed,
            delivery_id,
            cast(period as string) as period,
            cast(delivered_at as timestamp) as delivered_at,
            outcome,
            cast(delivered as bigint) as delivered,
            cast(accepted as bigint) as accepted,
            cast(quarantined as bigint) as quarantined,
            cast(superseded as bigint) as superseded,
            cast(in_force as boolean) as is_in_force
        from records
    )

select *
from final
