with
    periods as (select * from {{ ref("stg_periods") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    final as (
        select
            periods.period_code,
            periods.period_label,
            periods.period_level,
            periods.year_code,
            periods.first_month_index,
            periods.month_count,
            periods.month_mask,
            periods.start_date,
            periods.end_date,
            periods.end_date <= observed.data_end_date as is_complete
        from periods
        cross join observed
    )

select *
from final
