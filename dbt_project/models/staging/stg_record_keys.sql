with
    records as (select * from {{ source("linkage", "record_keys") }}),

    final as (
        select unit, unit_key, cast(record_key as {{ record_key_type() }}) as record_key
        from records
    )

select *
from final
