with
    records as (select * from {{ source("linkage", "household_links") }}),

    final as (
        select
            person_key,
            household_key,
            coalesce(cast(valid_from as date), cast('1900-01-01' as date)) as valid_from,
            cast(valid_to as date) as valid_to
        from records
    )

select *
from final
