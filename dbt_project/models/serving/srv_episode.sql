with
    numbers as (select * from {{ ref("int_person_numbers") }}),

    spells as (select * from {{ ref("fct_spell") }} where not is_left_truncated),

    months as (select * from {{ ref("int_months") }}),

    final as (
        select
            numbers.person_no,
            spells.service_id,
            spells.theme,
            cast(count(*) as int) as episodes,
            months.month_code,
            months.quarter_code,
            months.year_code
        from spells
        inner join numbers on spells.person_key = numbers.person_key
        inner join months on months.month_number = {{ month_number("spells.start_date") }}
        group by
            numbers.person_no,
            spells.service_id,
            spells.theme,
            months.month_code,
            months.quarter_code,
            months.year_code
    )

select *
from final
order by month_code, service_id, person_no
