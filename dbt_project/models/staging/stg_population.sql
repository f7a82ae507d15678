with
    records as (select * from {{ source("area", "population") }}),

    final as (
        select
            lsoa_code,
            sex,
            cast(age_from as int) as age_from,
            cast(coalesce(age_to, 120) as int) as age_to,
            cast(persons as double) as persons
        from records
    )

select *
from final
