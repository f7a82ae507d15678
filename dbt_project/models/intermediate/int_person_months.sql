{{ config(materialized="view") }}

with
    used as (select * from {{ ref("int_person_services") }}),

    months as (select * from {{ ref("int_months") }}),

    final as (
        select
            used.person_key,
            months.month_code,
            months.month_index,
            cast(count(*) as int) as services_used_count,
            cast(bit_or(used.theme_bit) as bigint) as theme_mask
        from used
        inner join months on (used.month_mask & months.month_mask) <> 0
        group by used.person_key, months.month_code, months.month_index
    )

select *
from final
