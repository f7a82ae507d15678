with
    records as (select * from {{ source("area", "areas") }}),

    final as (
        select
            lsoa_code,
            lsoa_name,
            msoa_code,
            msoa_name,
            lad_code,
            lad_name,
            cast(imd_decile as int) as imd_decile,
            cast(imd_quintile as int) as imd_quintile,
            cast(imd_year as int) as imd_year
        from records
    )

select *
from final
