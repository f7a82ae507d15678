with
    numbers as (select * from {{ ref("int_person_numbers") }}),

    final as (select person_no, record_key, household_no from numbers)

select *
from final
order by person_no
