with
    numbers as (select * from {{ ref("int_person_numbers") }} where household_no is not null),

    used as (select * from {{ ref("int_person_services") }}),

    final as (
        select
            numbers.household_no,
            used.service_id,
            used.theme,
            cast(bit_or(used.month_mask) as bigint) as month_mask
        from used
        inner join numbers on used.person_key = numbers.person_key
        group by numbers.household_no, used.service_id, used.theme
    )

select *
from final
order by service_id, household_no
