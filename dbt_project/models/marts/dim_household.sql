with
    memberships as (select * from {{ ref("int_households_resolved") }}),

    people as (select * from {{ ref("int_people_resolved") }} where year_code = 'all'),

    record_keys as (select * from {{ ref("stg_record_keys") }} where unit = 'household'),

    members as (
        select
            memberships.household_key,
            memberships.person_key,
            people.lsoa_code,
            people.msoa_code,
            people.lad_code,
            people.deprivation,
            case when people.age between -1 and 120 then people.age end as age
        from memberships
        left join people on memberships.person_key = people.person_key
    ),

    -- HUD LSA household types; adult from 18, on the age date of the whole window.
    composed as (
        select
            household_key,
            cast(count(*) as int) as member_count,
            cast(sum(case when age >= 18 then 1 else 0 end) as int) as adult_count,
            cast(sum(case when age < 18 then 1 else 0 end) as int) as child_count
        from members
        group by household_key
    ),

    placed as (
        select
            household_key,
            lsoa_code,
            msoa_code,
            lad_code,
            deprivation,
            row_number() over (
                partition by household_key order by count(*) desc nulls last, lsoa_code nulls last
            ) as preference
        from members
        where lsoa_code is not null
        group by household_key, lsoa_code, msoa_code, lad_code, deprivation
    ),

    final as (
        select
            composed.household_key,
            record_keys.record_key,
            composed.member_count,
            composed.adult_count,
            composed.child_count,
            case
                when composed.adult_count > 0 and composed.child_count > 0
                then 'AC'
                when composed.adult_count + composed.child_count < composed.member_count
                then 'UN'
                when composed.adult_count > 0
                then 'AO'
                else 'CO'
            end as household_type,
            placed.lsoa_code,
            coalesce(placed.msoa_code, 'unknown') as msoa_code,
            coalesce(placed.lad_code, 'unknown') as lad_code,
            coalesce(placed.deprivation, 'unknown') as deprivation
        from composed
        left join record_keys on composed.household_key = record_keys.unit_key
        left join placed on composed.household_key = placed.household_key and placed.preference = 1
    )

select *
from final
