with
    used as (select person_key from {{ ref("int_person_services") }} group by person_key),

    record_keys as (select * from {{ ref("stg_record_keys") }} where unit = 'household'),

    memberships as (select * from {{ ref("int_households_resolved") }}),

    households as (
        select memberships.household_key
        from memberships
        inner join used on memberships.person_key = used.person_key
        group by memberships.household_key
    ),

    final as (
        select
            households.household_key,
            cast(
                row_number() over (
                    order by
                        md5(cast(record_keys.record_key as string)) nulls last,
                        households.household_key nulls last
                ) as int
            ) as household_no,
            record_keys.record_key
        from households
        left join record_keys on households.household_key = record_keys.unit_key
    )

select *
from final
