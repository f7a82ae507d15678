with
    people as (
        select person_key
        from {{ ref("stg_person_links") }}
        where person_key is not null
        group by person_key
    ),

    years as (select * from {{ ref("stg_periods") }} where period_level in ('year', 'all')),

    observed as (select * from {{ ref("int_observation_windows") }}),

    areas as (select * from {{ ref("stg_areas") }}),

    resolved_areas as (select * from {{ ref("int_areas_resolved") }}),

    sexes as ({{ most_agreed(ref("int_person_records"), "sex") }}),

    births as ({{ most_agreed(ref("int_person_records"), "birth_month") }}),

    ethnicities as ({{ most_agreed(ref("int_person_records"), "ethnicity_code") }}),

    ethnic_groups as (
        select ethnicity_code, max(ethnic_group) as ethnic_group
        from {{ ref("int_person_records") }}
        where ethnicity_code is not null
        group by ethnicity_code
    ),

    persons as (
        select
            people.person_key,
            sexes.sex,
            births.birth_month,
            ethnicities.ethnicity_code,
            ethnic_groups.ethnic_group,
            coalesce(sexes.value_count > 1, false) as has_sex_conflict,
            coalesce(births.value_count > 1, false) as has_birth_month_conflict,
            coalesce(ethnicities.value_count > 1, false) as has_ethnicity_conflict
        from people
        left join sexes on people.person_key = sexes.person_key
        left join births on people.person_key = births.person_key
        left join ethnicities on people.person_key = ethnicities.person_key
        left join ethnic_groups on ethnicities.ethnicity_code = ethnic_groups.ethnicity_code
    ),

    aged as (
        select
            persons.*,
            years.period_code as year_code,
            {{
                age_in_years(
                    "persons.birth_month",
                    "case when years.period_level = 'all' then observed.last_year_start_date else years.start_date end",
                )
            }}
            as age
        from persons
        cross join years
        cross join observed
    ),

    final as (
        select
            aged.person_key,
            aged.year_code,
            coalesce(aged.sex, 'U') as sex,
            aged.birth_month,
            aged.age,
            {{ age_band("aged.age") }} as age_band,
            aged.ethnicity_code,
            coalesce(aged.ethnic_group, 'unknown') as ethnic_group,
            resolved_areas.lsoa_code,
            coalesce(areas.msoa_code, 'unknown') as msoa_code,
            coalesce(areas.lad_code, 'unknown') as lad_code,
            {{ deprivation("areas.imd_quintile") }} as deprivation,
            aged.has_sex_conflict,
            aged.has_birth_month_conflict,
            aged.has_ethnicity_conflict,
            coalesce(resolved_areas.has_area_conflict, false) as has_area_conflict
        from aged
        left join
            resolved_areas
            on aged.person_key = resolved_areas.person_key
            and aged.year_code = resolved_areas.year_code
        left join areas on resolved_areas.lsoa_code = areas.lsoa_code
    )

select *
from final
