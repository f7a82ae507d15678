with
    spells as (select * from {{ ref("fct_spell") }}),

    system_spells as (select * from {{ ref("int_system_spells") }}),

    episodes as (select * from {{ ref("fct_episode") }} where use_status = 'used' and not is_open),

    windows as (select * from {{ ref("int_service_windows") }}),

    months as (select * from {{ ref("int_months") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    followed as (
        select
            spells.*,
            lead(start_date) over (
                partition by person_key, service_id order by start_date nulls last
            ) as return_date
        from spells
    ),

    -- The episode that ended last tells how the spell ended; on a tie the first kind in order.
    endings as (
        select
            episodes.person_key,
            episodes.service_id,
            episodes.end_date,
            min({{ exit_kind("episodes.status", "episodes.end_reason") }}) as exit_kind
        from episodes
        group by episodes.person_key, episodes.service_id, episodes.end_date
    ),

    system_followed as (
        select
            system_spells.*,
            lead(start_date) over (
                partition by person_key order by system_spell_no nulls last
            ) as return_date
        from system_spells
    ),

    final as (
        select
            followed.person_key,
            followed.service_id,
            followed.spell_no,
            followed.theme,
            followed.end_date as exit_date,
            months.year_code,
            coalesce(endings.exit_kind, 'unknown') as exit_kind,
            cast(
                {{ days_between("followed.end_date", "windows.observed_to_date") }} as int
            ) as followed_days,
            cast(
                {{ days_between("followed.end_date", "followed.return_date") }} as int
            ) as return_days,
            system_followed.system_spell_no is not null as is_system_exit,
            cast(
                {{ days_between("followed.end_date", "observed.data_end_date") }} as int
            ) as system_followed_days,
            cast(
                {{ days_between("system_followed.end_date", "system_followed.return_date") }} as int
            ) as system_return_days
        from followed
        cross join observed
        inner join windows on followed.service_id = windows.service_id
        left join months on months.month_number = {{ month_number("followed.end_date") }}
        left join
            endings
            on followed.person_key = endings.person_key
            and followed.service_id = endings.service_id
            and followed.end_date = endings.end_date
        left join
            system_followed
            on followed.person_key = system_followed.person_key
            and followed.end_date = system_followed.end_date
            and not system_followed.is_open
        where not followed.is_open
    )

select *
from final
