with
    spells as (select * from {{ ref("int_spells") }}),

    services as (select * from {{ ref("int_services") }}),

    months as (select * from {{ ref("int_months") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    -- What came before each spell decides which inflow it is.
    preceded as (
        select
            spells.person_key,
            spells.service_id,
            spells.start_date,
            spells.end_date,
            spells.is_open,
            max(end_date) over (
                partition by person_key, service_id
                order by start_date nulls last
                rows between unbounded preceding and 1 preceding
            ) as same_service_ended,
            max(end_date) over (
                partition by person_key
                order by start_date nulls last, end_date nulls last, service_id nulls last
                rows between unbounded preceding and 1 preceding
            ) as any_service_ended
        from spells
    ),

    sorted as (
        select
            preceded.service_id,
            {{ month_number("preceded.start_date") }} as start_month,
            {{ month_number("preceded.end_date") }} as end_month,
            preceded.is_open,
            case
                when
                    {{ days_between("preceded.same_service_ended", "preceded.start_date") }}
                    <= observed.return_lookback_days
                then 'returned'
                when
                    {{ days_between("preceded.any_service_ended", "preceded.start_date") }}
                    <= observed.return_lookback_days
                then 'from_other'
                else 'new'
            end as inflow_kind
        from preceded
        cross join observed
    ),

    -- Small: one row per service, first month, last month, state and kind, whatever the number of
    -- people.
    counted as (
        select
            service_id,
            start_month,
            end_month,
            is_open,
            inflow_kind,
            cast(count(*) as bigint) as spells
        from sorted
        group by service_id, start_month, end_month, is_open, inflow_kind
    ),

    flows as (
        select
            counted.service_id,
            months.month_code,
            sum(
                case
                    when
                        counted.start_month < months.month_number
                        and (counted.is_open or counted.end_month >= months.month_number)
                    then counted.spells
                    else 0
                end
            ) as active_at_start,
            sum(
                case when counted.start_month = months.month_number then counted.spells else 0 end
            ) as inflow,
            sum(
                case
                    when counted.start_month = months.month_number and counted.inflow_kind = 'new'
                    then counted.spells
                    else 0
                end
            ) as inflow_new,
            sum(
                case
                    when
                        counted.start_month = months.month_number
                        and counted.inflow_kind = 'returned'
                    then counted.spells
                    else 0
                end
            ) as inflow_returned,
            sum(
                case
                    when
                        counted.start_month = months.month_number
                        and counted.inflow_kind = 'from_other'
                    then counted.spells
                    else 0
                end
            ) as inflow_from_other,
            sum(
                case
                    when counted.end_month = months.month_number and not counted.is_open
                    then counted.spells
                    else 0
                end
            ) as outflow,
            sum(
                case
                    when
                        counted.start_month <= months.month_number
                        and (counted.is_open or counted.end_month > months.month_number)
                    then counted.spells
                    else 0
                end
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
            cast(coalesce(flows.active_at_start, 0) as bigint) as active_at_start,
            cast(coalesce(flows.inflow, 0) as bigint) as inflow,
            cast(coalesce(flows.inflow_new, 0) as bigint) as inflow_new,
            cast(coalesce(flows.inflow_returned, 0) as bigint) as inflow_returned,
            cast(coalesce(flows.inflow_from_other, 0) as bigint) as inflow_from_other,
            cast(coalesce(flows.outflow, 0) as bigint) as outflow,
            cast(coalesce(flows.active_at_end, 0) as bigint) as active_at_end,
            {{ days_between("observed.data_start_date", "months.start_date") }}
            >= observed.return_lookback_days as has_full_lookback,
            months.month_index >= observed.first_time_history_months as has_first_time_history
        from services
        cross join months
        cross join observed
        left join
            flows on services.service_id = flows.service_id and months.month_code = flows.month_code
    )

select *
from final
