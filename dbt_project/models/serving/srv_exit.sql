with
    numbers as (select * from {{ ref("int_person_numbers") }}),

    exits as (select * from {{ ref("fct_exit") }} where year_code is not null),

    months as (select * from {{ ref("int_months") }}),

    final as (
        select distinct
            numbers.person_no,
            exits.service_id,
            exits.theme,
            exits.exit_kind,
            {{ return_band("exits.return_days") }} as return_band,
            months.month_code,
            months.quarter_code,
            months.year_code
        from exits
        inner join numbers on exits.person_key = numbers.person_key
        inner join months on months.month_number = {{ month_number("exits.exit_date") }}
    )

select *
from final
order by month_code, service_id, person_no, exit_kind, return_band
