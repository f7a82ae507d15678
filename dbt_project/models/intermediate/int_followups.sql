with
    spells as (select * from {{ ref("int_spells") }}),

    journeys as (select * from {{ ref("int_journeys") }}),

    episodes as (select * from {{ ref("stg_episodes") }}),

    links as (select * from {{ ref("stg_person_links") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    seen as (
        select
            person_key,
            min(case when is_open then end_date end) as open_to_date,
            max(start_date) as last_start_date
        from spells
        group by person_key
    ),

    gone as (
        select links.person_key, max(episodes.end_date) as gone_date
        from episodes
        inner join links on episodes.feed = links.feed and episodes.source_ref = links.source_ref
        where episodes.end_reason in ('died', 'moved_away')
        group by links.person_key
    ),

    -- An open spell of a feed that stopped hides what came after; who begins a service after
    -- having moved away is back.
    dated as (
        select
            seen.person_key,
            journeys.entry_date,
            journeys.entry_theme,
            least(
                observed.data_end_date,
                coalesce(seen.open_to_date, observed.data_end_date),
                case
                    when gone.gone_date >= seen.last_start_date
                    then gone.gone_date
                    else observed.data_end_date
                end
            ) as followed_to_date
        from seen
        cross join observed
        left join journeys on seen.person_key = journeys.person_key
        left join gone on seen.person_key = gone.person_key
    ),

    final as (
        select
            person_key,
            entry_date,
            entry_theme,
            followed_to_date,
            {{ month_number("entry_date") }} as entry_month_number,
            {{ month_number(add_days("followed_to_date", 1)) }} - 1 as last_month_number,
            cast(
                greatest(
                    {{ month_number(add_days("followed_to_date", 1)) }}
                    - {{ month_number("entry_date") }},
                    0
                ) as int
            ) as months_followed
        from dated
    )

select *
from final
