with
    resolved as (select * from {{ ref("int_people_resolved") }} where year_code = 'all'),

    links as (
        select person_key, count(*) as record_count, count(distinct feed) as feed_count
        from {{ ref("stg_person_links") }}
        group by person_key
    ),

    record_keys as (select * from {{ ref("stg_record_keys") }} where unit = 'person'),

    memberships as (select * from {{ ref("int_households_resolved") }}),

    used as (select person_key from {{ ref("int_person_services") }} group by person_key),

    final as (
        select
            resolved.person_key,
            record_keys.record_key,
            memberships.household_key,
            resolved.sex,
            resolved.birth_month,
            resolved.ethnicity_code,
            resolved.ethnic_group,
            resolved.lsoa_code,
            resolved.msoa_code,
            resolved.lad_code,
            resolved.deprivation,
            cast(links.record_count as int) as record_count,
            cast(links.feed_count as int) as feed_count,
            used.person_key is not null as is_service_user,
            resolved.has_sex_conflict,
            resolved.has_birth_month_conflict,
            resolved.has_ethnicity_conflict,
            resolved.has_area_conflict
        from resolved
        left join links on resolved.person_key = links.person_key
        left join record_keys on resolved.person_key = record_keys.unit_key
        left join memberships on resolved.person_key = memberships.person_key
        left join used on resolved.person_key = used.person_key
    )

select *
from final
