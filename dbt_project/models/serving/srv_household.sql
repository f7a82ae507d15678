with
    numbers as (select * from {{ ref("int_household_numbers") }}),

    households as (select * from {{ ref("dim_household") }}),

    final as (
        select
            numbers.household_no,
            numbers.record_key,
            households.msoa_code,
            households.lad_code,
            households.deprivation,
            households.household_type
        from numbers
        inner join households on numbers.household_key = households.household_key
    )

select *
from final
order by household_no
