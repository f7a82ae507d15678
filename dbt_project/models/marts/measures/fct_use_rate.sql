with
    used as (select * from {{ ref("fct_person_period") }} where period_level in ('year', 'all')),

    people as (select * from {{ ref("int_people_resolved") }}),

    periods as (select * from {{ ref("stg_periods") }} where period_level in ('year', 'all')),

    areas as (select * from {{ ref("dim_area") }}),

    residents as (select * from {{ ref("int_residents") }}),

    users as (
        select
            people.year_code,
            people.msoa_code,
            people.deprivation,
            people.sex,
            people.age_band,
            count(*) as users
        from used
        inner join
            people on used.person_key = people.person_key and used.period_code = people.year_code
        group by people.year_code, people.msoa_code, people.deprivation, people.sex, people.age_band
    ),

    placed as (
        select
            areas.msoa_code,
            areas.deprivation,
            residents.sex,
            residents.age_band,
            sum(residents.persons) as residents
        from residents
        inner join areas on residents.lsoa_code = areas.lsoa_code
        group by areas.msoa_code, areas.deprivation, residents.sex, residents.age_band
    ),

    -- Only people whose sex, age and area are known have residents to be set against.
    final as (
        select
            periods.period_code as year_code,
            placed.msoa_code,
            placed.deprivation,
            placed.sex,
            placed.age_band,
            cast(coalesce(users.users, 0) as bigint) as users,
            placed.residents
        from placed
        cross join periods
        left join
            users
            on periods.period_code = users.year_code
            and placed.msoa_code = users.msoa_code
            and placed.deprivation = users.deprivation
            and placed.sex = users.sex
            and placed.age_band = users.age_band
    )

select *
from final
