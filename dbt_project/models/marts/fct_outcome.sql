with
    outcomes as (select * from {{ ref("stg_outcomes") }}),

    links as (select * from {{ ref("stg_person_links") }}),

    final as (
        select
            outcomes.outcome_key,
            outcomes.feed,
            links.person_key,
            outcomes.outcome_code,
            outcomes.outcome_value,
            outcomes.recorded_date
        from outcomes
        left join links on outcomes.feed = links.feed and outcomes.source_ref = links.source_ref
    )

select *
from final
