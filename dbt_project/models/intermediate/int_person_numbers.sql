with
    known as (select person_key from {{ ref("int_people_known") }} where year_code = 'all'),

    record_keys as (select * from {{ ref("stg_record_keys") }} where unit = 'person'),

    households as (select * from {{ ref("int_household_numbers") }}),

    memberships as (select * from {{ ref("int_households_resolved") }}),

    -- The order is that of a digest of a keyed digest: it says nothing about the person.
    final as (
        select
            known.person_key,
            cast(
                row_number() over (
                    order by
                        md5(cast(record_keys.record_key as string)) nulls last,
                        known.person_key nulls last
                ) as int
            ) as person_no,
            record_keys.record_key,
            households.household_no
        from known
        left join record_keys on known.person_key = record_keys.unit_key
        left join memberships on known.person_key = memberships.person_key
        left join households on memberships.household_key = households.household_key
    )

select *
from final
