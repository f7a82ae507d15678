with
    population as (select * from {{ ref("stg_population") }}),

    bands as (select * from {{ ref("int_age_bands") }}),

    -- A source band that straddles two of ours is shared out evenly by single year of age.
    final as (
        select
            population.lsoa_code,
            population.sex,
            bands.age_band,
            sum(
                population.persons * (
                    least(population.age_to, bands.band_to)
                    - greatest(population.age_from, bands.band_from)
                    + 1
                )
                / nullif(population.age_to - population.age_from + 1, 0)
            ) as persons
        from population
        inner join
            bands on population.age_from <= bands.band_to and population.age_to >= bands.band_from
        group by population.lsoa_code, population.sex, bands.age_band
    )

select *
from final
