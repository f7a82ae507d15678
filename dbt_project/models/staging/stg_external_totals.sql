with
    records as (select * from {{ source("area", "external_totals") }}),

    final as (
        select total_id, measure, service_id, period_code, external_total, tolerance, source
        from records
    )

select *
from final
