with
    residents as (select * from {{ ref("int_residents") }}),

    areas as (select * from {{ ref("dim_area") }}),

    final as (
        select
            areas.msoa_code,
            areas.lad_code,
            residents.sex,
            residents.age_band,
            areas.deprivation,
            cast(round(sum(residents.persons)) as bigint) as persons
        from residents
        inner join areas on residents.lsoa_code = areas.lsoa_code
        group by
            areas.msoa_code, areas.lad_code, residents.sex, residents.age_band, areas.deprivation
    )

select *
from final
order by msoa_code, sex, age_band, deprivation
