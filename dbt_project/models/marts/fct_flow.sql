with
    spells as (select * from {{ ref("fct_spell") }}),

    services as (select * from {{ ref("int_services") }}),

    months as (select * from {{ ref("int_months") }}),

    windows as (select * from {{ ref("int_service_windows") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    -- Small: one row per service, first month, last month, state and kind, whatever the number of
    -- people. An open spell is out of sight in the first month that its feed does not show whole.
    counted as (
        select
            service_id,
            {{ month_number("start_date") }} as first_month,
            case
                when is_open
                then {{ month_number(add_days("end_date", 1)) }}
                else {{ month_number("end_date") }}
            end as last_month,
            is_open,
            arrival_kind,
            count(*) as spells
        from spells
        group by 1, 2, 3, 4, 5
    ),

    flows as (
        select
            counted.service_id,
            months.month_code,
            sum(spells) filter (
                where first_month < month_number and last_month >= month_number
            ) as active_at_start,
            sum(spells) filter (where first_month = month_number) as inflow,
            sum(spells) filter (
                where first_month = month_number and arrival_kind = 'new'
            ) as inflow_new,
            sum(spells) filter (
                where first_month = month_number and arrival_kind = 'returned'
            ) as inflow_returned,
            sum(spells) filter (
                where first_month = month_number and arrival_kind = 'from_other'
            ) as inflow_from_other,
            sum(spells) filter (where last_month = month_number and not is_open) as outflow,
            sum(spells) filter (where last_month = month_number and is_open) as out_of_sight,
            sum(spells) filter (
                where first_month <= month_number and last_month > month_number
            ) as active_at_end
        from counted
        cross join months
        group by counted.service_id, months.month_code
    ),

    final as (
        select
            services.service_id,
            services.theme,
            months.month_code,
            months.month_index,
            {% for figure in [
                "active_at_start",
                "inflow",
                "inflow_new",
                "inflow_returned",
                "inflow_from_other",
                "outflow",
                "out_of_sight",
                "active_at_end",
            ] %}
                cast(coalesce(flows.{{ figure }}, 0) as bigint) as {{ figure }},
            {% endfor %}
            {{ days_between("observed.data_start_date", "months.start_date") }}
            >= observed.return_lookback_days as has_full_lookback,
            coalesce(months.end_date <= windows.observed_to_date, false) as is_observed,
            months.month_index >= observed.first_time_history_months as has_first_time_history
        from services
        cross join months
        cross join observed
        left join windows on services.service_id = windows.service_id
        left join
            flows on services.service_id = flows.service_id and months.month_code = flows.month_code
    )

select *
from final
