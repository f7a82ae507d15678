with
    episodes as (select * from {{ ref("stg_episodes") }}),

    outcomes as (select * from {{ ref("stg_outcomes") }}),

    links as (select * from {{ ref("stg_person_links") }}),

    spells as (select * from {{ ref("int_spells") }}),

    windows as (select * from {{ ref("int_service_windows") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    ends as (
        select
            links.person_key,
            episodes.end_reason,
            episodes.end_date,
            windows.observed_to_date,
            min(spells.start_date) as next_start_date
        from episodes
        inner join links on episodes.feed = links.feed and episodes.source_ref = links.source_ref
        inner join windows on episodes.service_id = windows.service_id
        left join
            spells
            on links.person_key = spells.person_key
            and episodes.service_id = spells.service_id
            and spells.start_date > episodes.end_date
        where episodes.end_reason is not null and episodes.end_date <= windows.observed_to_date
        group by links.person_key, episodes.end_reason, episodes.end_date, windows.observed_to_date
    ),

    told as (
        {% for one in var("pathway_events") %}
            {% set without = one.get("without_return_days", 0) %}
            {% if one["kind"] == "episode_end" %}
                select '{{ one["event"] }}' as event, person_key, end_date as event_date
                from ends
                where
                    end_reason = '{{ one["code"] }}'
                    and {{ days_between("end_date", "observed_to_date") }} >= {{ without }}
                    and coalesce(
                        {{ days_between("end_date", "next_start_date") }} > {{ without }}, true
                    )
            {% elif one["kind"] == "outcome" %}
                select
                    '{{ one["event"] }}' as event,
                    links.person_key,
                    outcomes.recorded_date as event_date
                from outcomes
                inner join
                    links on outcomes.feed = links.feed and outcomes.source_ref = links.source_ref
                where outcomes.outcome_code = '{{ one["code"] }}'
            {% else %}
                select '{{ one["event"] }}' as event, person_key, start_date as event_date
                from spells
                where service_id = '{{ one["code"] }}'
            {% endif %}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    final as (
        select told.event, told.person_key, min(told.event_date) as event_date
        from told
        cross join observed
        where
            told.event_date >= observed.data_start_date
            and told.event_date <= observed.data_end_date
        group by told.event, told.person_key
    )

select *
from final
