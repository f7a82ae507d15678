with
    observed as (select * from {{ ref("int_observation_windows") }}),

    final as (
        select
            cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp) as built_at,
            data_start_date as data_from,
            data_end_date as data_to,
            spell_gap_days,
            system_exit_days,
            return_lookback_days,
            first_time_history_months,
            need_met_days
        from observed
    )

select *
from final
