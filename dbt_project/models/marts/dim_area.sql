with
    areas as (select * from {{ ref("stg_areas") }}),

    residents as (
        select lsoa_code, sum(persons) as persons
        from {{ ref("stg_population") }}
        group by lsoa_code
    ),

    final as (
        select
            areas.lsoa_code,
            areas.lsoa_name,
            areas.msoa_code,
            areas.msoa_name,
            areas.lad_code,
            areas.lad_name,
            areas.imd_decile,
            areas.imd_quintile,
            areas.imd_year,
            {{ deprivation("areas.imd_quintile") }} as deprivation,
            cast(round(residents.persons) as bigint) as population
        from areas
        left join residents on areas.lsoa_code = residents.lsoa_code
    )

select *
from final
