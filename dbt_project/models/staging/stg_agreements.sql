with
    records as (select * from {{ source("area", "agreements") }}),

    final as (
        select
            agreement_id,
            title,
            status,
            cast(starts_on as date) as starts_on,
            cast(expires_on as date) as expires_on,
            cast(review_on as date) as review_on,
            cast(in_force as boolean) as is_in_force
        from records
    )

select *
from final
