with
    spells as (select * from {{ ref("int_spells") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    followed as (
        select
            spells.*,
            max(end_date) over (
                partition by person_key
                order by start_date nulls last, end_date nulls last, service_id nulls last
                rows between unbounded preceding and 1 preceding
            ) as latest_end_before
        from spells
    ),

    marked as (
        select
            followed.*,
            case
                when
                    {{ days_between("followed.latest_end_before", "followed.start_date") }}
                    <= observed.system_exit_days
                then 0
                else 1
            end as begins_spell
        from followed
        cross join observed
    ),

    numbered as (
        select
            marked.*,
            cast(
                sum(begins_spell) over (
                    partition by person_key
                    order by start_date nulls last, end_date nulls last, service_id nulls last
                    rows between unbounded preceding and current row
                ) as int
            ) as system_spell_no
        from marked
    ),

    final as (
        select
            person_key,
            system_spell_no,
            min(start_date) as start_date,
            max(end_date) as end_date,
            bool_or(is_open) as is_open,
            cast(count(*) as int) as spell_count
        from numbered
        group by person_key, system_spell_no
    )

select *
from final
