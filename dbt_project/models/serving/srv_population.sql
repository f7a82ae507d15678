with
    residents as (select * from {{ ref("stg_population") }}),

    areas as (select * from {{ ref("dim_area") }}),

    bands as (
        select '0-15' as age_band, 0 as band_from, 15 as band_to
        union all
        select '16-24', 16, 24
        union all
        select '25-34', 25, 34
        union all
        select '35-44', 35, 44
        union all
        select '45-54', 45, 54
        union all
        select '55-64', 55, 64
        union all
        select '65-74', 65, 74
        union all
        select '75+', 75, 120
    ),

    -- A source band that straddles two of ours is shared out evenly by single year of age.
    shared as (
        select
            residents.lsoa_code,
            residents.sex,
            bands.age_band,
            residents.persons * (
                least(residents.age_to, bands.band_to)
                - greatest(residents.age_from, bands.band_from)
                + 1
            )
            / nullif(residents.age_to - residents.age_from + 1, 0) as persons
        from residents
        inner join
            bands on residents.age_from <= bands.band_to and residents.age_to >= bands.band_from
    ),

    final as (
        select
            areas.msoa_code,
            areas.lad_code,
            shared.sex,
            shared.age_band,
            areas.deprivation,
            cast(round(sum(shared.persons)) as bigint) as persons
        from shared
        inner join areas on shared.lsoa_code = areas.lsoa_code
        group by areas.msoa_code, areas.lad_code, shared.sex, shared.age_band, areas.deprivation
    )

select *
from final
order by msoa_code, sex, age_band, deprivation
