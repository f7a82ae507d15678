with
    spells as (select * from {{ ref("int_spells") }}),

    services as (select * from {{ ref("int_services") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    preceded as (
        select
            spells.*,
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

    final as (
        select
            preceded.person_key,
            preceded.service_id,
            preceded.spell_no,
            services.theme,
            preceded.start_date,
            preceded.end_date,
            preceded.is_open,
            preceded.is_left_truncated,
            preceded.is_contact_only,
            preceded.use_count,
            preceded.episode_count,
            preceded.spell_days,
            preceded.month_mask,
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
            end as arrival_kind
        from preceded
        cross join observed
        inner join services on preceded.service_id = services.service_id
    )

select *
from final
