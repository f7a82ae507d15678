with
    periods as (select * from {{ ref("stg_periods") }}),

    final as (
        select
            min(periods.start_date) as data_start_date,
            least(
                max(periods.end_date),
                coalesce({{ date_or_null(var("data_end")) }}, max(periods.end_date))
            ) as data_end_date,
            max(
                case when periods.period_level = 'year' then periods.start_date end
            ) as last_year_start_date,
            cast({{ var("spell_gap_days") }} as int) as spell_gap_days,
            cast({{ var("system_exit_days") }} as int) as system_exit_days,
            cast({{ var("return_lookback_days") }} as int) as return_lookback_days,
            cast({{ var("first_time_history_months") }} as int) as first_time_history_months,
            cast({{ var("need_met_days") }} as int) as need_met_days
        from periods
    )

select *
from final
