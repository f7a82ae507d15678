with
    people as (select * from {{ ref("stg_people") }}),

    links as (select * from {{ ref("stg_person_links") }}),

    final as (
        select
            links.person_key,
            people.person_record_key,
            people.feed,
            people.sex,
            people.birth_month,
            people.ethnicity_code,
            people.ethnic_group,
            people.lsoa_code,
            people.valid_from
        from people
        inner join links on people.feed = links.feed and people.source_ref = links.source_ref
    )

select *
from final
