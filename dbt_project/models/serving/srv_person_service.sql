with
    numbers as (select * from {{ ref("int_person_numbers") }}),

    used as (select * from {{ ref("int_person_services") }}),

    final as (
        select numbers.person_no, used.service_id, used.theme, used.month_mask
        from used
        inner join numbers on used.person_key = numbers.person_key
    )

select *
from final
order by service_id, person_no
