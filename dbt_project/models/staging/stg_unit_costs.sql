with
    records as (select * from {{ source("area", "unit_costs") }}),

    final as (
        select
            service_id,
            borne_by,
            cost_type,
            unit,
            per,
            price_year,
            cost_gbp,
            cost_low_gbp,
            cost_high_gbp,
            confidence,
            told_price_year,
            deflator,
            source
        from records
    )

select *
from final
