with
    needs as (select * from {{ ref("stg_needs") }}),

    themes as (select * from {{ ref("stg_need_themes") }}),

    links as (select * from {{ ref("stg_person_links") }}),

    spells as (select * from {{ ref("int_spells") }}),

    services as (select * from {{ ref("int_services") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    recorded as (
        select
            needs.need_key,
            needs.feed,
            links.person_key,
            needs.need_code,
            needs.level,
            needs.recorded_date
        from needs
        inner join links on needs.feed = links.feed and needs.source_ref = links.source_ref
        cross join observed
        where needs.recorded_date <= observed.data_end_date
    ),

    -- A theme without any service in the area meets nobody's need.
    meetable as (
        select themes.need_code
        from themes
        inner join services on themes.service_theme = services.theme
        group by themes.need_code
    ),

    -- Met: a service of a matching theme was open on the day, or opened within `need_met_days`.
    met as (
        select
            recorded.need_key,
            min(
                case
                    when spells.start_date <= recorded.recorded_date
                    then recorded.recorded_date
                    else spells.start_date
                end
            ) as met_date
        from recorded
        cross join observed
        inner join themes on recorded.need_code = themes.need_code
        inner join spells on recorded.person_key = spells.person_key
        inner join
            services
            on spells.service_id = services.service_id
            and themes.service_theme = services.theme
        where
            spells.end_date >= recorded.recorded_date
            and {{ days_between("recorded.recorded_date", "spells.start_date") }}
            <= observed.need_met_days
        group by recorded.need_key
    ),

    final as (
        select
            recorded.need_key,
            recorded.feed,
            recorded.person_key,
            recorded.need_code,
            recorded.level,
            recorded.recorded_date,
            met.met_date,
            met.met_date is not null as is_met,
            meetable.need_code is not null as has_matching_service,
            {{ days_between("recorded.recorded_date", "observed.data_end_date") }}
            >= observed.need_met_days as has_full_followup
        from recorded
        cross join observed
        left join met on recorded.need_key = met.need_key
        left join meetable on recorded.need_code = meetable.need_code
    )

select *
from final
