with
    numbers as (select * from {{ ref("int_person_numbers") }}),

    people as (select * from {{ ref("int_people_resolved") }}),

    used as (select * from {{ ref("fct_person_period") }} where period_level in ('year', 'all')),

    final as (
        select
            numbers.person_no,
            used.period_code as year_code,
            people.sex,
            people.age_band,
            {{ age_group("people.age_band") }} as age_group,
            people.ethnic_group,
            people.msoa_code,
            people.lad_code,
            people.deprivation
        from used
        inner join numbers on used.person_key = numbers.person_key
        inner join
            people on used.person_key = people.person_key and used.period_code = people.year_code
    )

select *
from final
order by year_code, person_no
