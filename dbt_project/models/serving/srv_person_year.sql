with
    numbers as (select * from {{ ref("int_person_numbers") }}),

    people as (select * from {{ ref("int_people_resolved") }}),

    known as (select * from {{ ref("int_people_known") }}),

    final as (
        select
            numbers.person_no,
            known.year_code,
            people.sex,
            people.age_band,
            {{ age_group("people.age_band") }} as age_group,
            people.ethnic_group,
            people.msoa_code,
            people.lad_code,
            people.deprivation
        from known
        inner join numbers on known.person_key = numbers.person_key
        inner join
            people on known.person_key = people.person_key and known.year_code = people.year_code
    )

select *
from final
order by year_code, person_no
