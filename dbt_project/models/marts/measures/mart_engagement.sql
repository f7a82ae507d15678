with
    engaged as (select * from {{ ref("fct_engagement") }}),

    periods as (select * from {{ ref("stg_periods") }} where period_level <> 'all'),

    observed as (select * from {{ ref("int_observation_windows") }}),

    counted as (
        select
            period_code,
            count(*) as people,
            {% for kind in ["new", "returned", "re_engaged", "continuing", "unclear"] %}
                sum(case when engagement = '{{ kind }}' then 1 else 0 end) as {{ kind }}_people
                {%- if not loop.last %}, {% endif %}
            {% endfor %}
        from engaged
        group by period_code
    ),

    final as (
        select
            periods.period_code,
            periods.period_level,
            {% for kind in ["", "new_", "returned_", "re_engaged_", "continuing_", "unclear_"] %}
                cast(coalesce(counted.{{ kind }}people, 0) as bigint) as {{ kind }}people,
            {% endfor %}
            {{ days_between("observed.data_start_date", "periods.start_date") }}
            >= observed.return_lookback_days as has_full_lookback,
            periods.first_month_index
            >= observed.first_time_history_months as has_first_time_history
        from periods
        cross join observed
        left join counted on periods.period_code = counted.period_code
    )

select *
from final
