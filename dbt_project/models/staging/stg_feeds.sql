with
    records as (select * from {{ source("area", "feeds") }}),

    final as (
        select
            feed,
            partner,
            partner_name,
            title,
            agreement_id,
            cadence,
            cast(late_after_days as int) as late_after_days,
            cast(permitted as boolean) as is_permitted,
            reason
        from records
    )

select *
from final
