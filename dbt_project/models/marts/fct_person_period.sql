with
    used as (select * from {{ ref("int_person_periods") }}),

    periods as (select * from {{ ref("stg_periods") }}),

    final as (
        select
            used.person_key,
            used.period_code,
            periods.period_level,
            used.services_used_count,
            used.services_at_once_count,
            used.theme_mask
        from used
        inner join periods on used.period_code = periods.period_code
    )

select *
from final
