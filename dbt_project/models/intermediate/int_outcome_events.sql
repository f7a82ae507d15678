with
    comparisons as (select outcome from {{ ref("stg_comparisons") }} group by outcome),

    spells as (select * from {{ ref("int_spells") }}),

    outcomes as (select * from {{ ref("stg_outcomes") }}),

    links as (select * from {{ ref("stg_person_links") }}),

    events as (
        select concat('service:', service_id) as outcome, person_key, start_date as event_date
        from spells
        union all
        select
            concat('outcome:', outcomes.outcome_code) as outcome,
            links.person_key,
            outcomes.recorded_date as event_date
        from outcomes
        inner join links on outcomes.feed = links.feed and outcomes.source_ref = links.source_ref
        where links.person_key is not null and outcomes.recorded_date is not null
    ),

    final as (
        select events.outcome, events.person_key, events.event_date
        from events
        inner join comparisons on events.outcome = comparisons.outcome
        group by events.outcome, events.person_key, events.event_date
    )

select *
from final
