with
    numbers as (select * from {{ ref("int_person_numbers") }}),

    used as (select * from {{ ref("fct_person_period") }}),

    final as (
        select
            numbers.person_no,
            used.period_code,
            used.period_level,
            {{ how_many("used.services_used_count") }} as services_used,
            {{ how_many("used.services_at_once_count") }} as services_at_once,
            used.theme_mask
        from used
        inner join numbers on used.person_key = numbers.person_key
    )

select *
from final
order by period_code, person_no
