with
    spells as (select * from {{ ref("int_spells") }}),

    services as (select * from {{ ref("int_services") }}),

    -- Tie rule: spells that start on one day come in the order in which they end, then by service.
    compared as (
        select
            spells.*,
            case
                when
                    service_id = lag(service_id) over (
                        partition by person_key
                        order by start_date nulls last, end_date nulls last, service_id nulls last
                    )
                then 0
                else 1
            end as begins_step
        from spells
    ),

    numbered as (
        select
            compared.*,
            cast(
                sum(begins_step) over (
                    partition by person_key
                    order by start_date nulls last, end_date nulls last, service_id nulls last
                    rows between unbounded preceding and current row
                ) as int
            ) as step_no
        from compared
    ),

    final as (
        select
            numbered.person_key,
            numbered.step_no,
            numbered.service_id,
            services.theme,
            min(numbered.start_date) as start_date,
            max(numbered.end_date) as end_date,
            bool_or(numbered.is_open) as is_open,
            cast(count(*) as int) as spell_count
        from numbered
        inner join services on numbered.service_id = services.service_id
        group by numbered.person_key, numbered.step_no, numbered.service_id, services.theme
    )

select *
from final
