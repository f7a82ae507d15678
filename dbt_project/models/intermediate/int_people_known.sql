with
    periods as (select * from {{ ref("stg_periods") }} where period_level in ('year', 'all')),

    episodes as (select * from {{ ref("stg_episodes") }}),

    links as (select * from {{ ref("stg_person_links") }} where person_key is not null),

    used as (select * from {{ ref("int_person_services") }}),

    needs as (select * from {{ ref("int_needs_met") }}),

    dated as (
        select links.person_key, episodes.referral_date as known_date
        from episodes
        inner join links on episodes.feed = links.feed and episodes.source_ref = links.source_ref
        where episodes.referral_date is not null
        union
        -- A referral dated after the start counts as of the day of the start.
        select links.person_key, episodes.start_date as known_date
        from episodes
        inner join links on episodes.feed = links.feed and episodes.source_ref = links.source_ref
        where episodes.start_date is not null and episodes.referral_date is not null
        union
        select person_key, recorded_date as known_date
        from needs
    ),

    -- A year in which somebody used a service, was referred to one or had a need recorded.
    final as (
        select used.person_key, periods.period_code as year_code
        from used
        inner join periods on (used.month_mask & periods.month_mask) <> 0
        union
        select dated.person_key, periods.period_code as year_code
        from dated
        inner join
            periods
            on dated.known_date >= periods.start_date
            and dated.known_date <= periods.end_date
    )

select *
from final
