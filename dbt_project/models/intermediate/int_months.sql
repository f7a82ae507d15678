with
    periods as (select * from {{ ref("stg_periods") }}),

    months as (select * from periods where period_level = 'month'),

    quarters as (select * from periods where period_level = 'quarter'),

    years as (select * from periods where period_level = 'year'),

    final as (
        select
            months.period_code as month_code,
            months.first_month_index as month_index,
            months.month_mask,
            months.start_date,
            months.end_date,
            {{ month_number("months.start_date") }} as month_number,
            quarters.period_code as quarter_code,
            years.period_code as year_code
        from months
        inner join
            quarters
            on months.start_date >= quarters.start_date
            and months.start_date <= quarters.end_date
        inner join
            years on months.start_date >= years.start_date and months.start_date <= years.end_date
    )

select *
from final
