with
    outcomes as (select * from {{ ref("stg_outcomes") }}),

    needs as (select * from {{ ref("stg_needs") }}),

    feeds as (select * from {{ ref("int_feed_windows") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    told as (
        select 'outcome' as outcome_kind, outcome_code, feed
        from outcomes
        where outcome_code is not null
        group by outcome_code, feed
        union all
        select 'need' as outcome_kind, need_code as outcome_code, feed
        from needs
        where need_code is not null
        group by need_code, feed
    ),

    -- Several feeds may tell of one code: it is seen whole only as long as all of them do.
    final as (
        select
            told.outcome_kind,
            told.outcome_code,
            {{ month_number(add_days("min(feeds.observed_to_date)", 1)) }} - 1 as last_month_number
        from told
        inner join feeds on told.feed = feeds.feed
        group by told.outcome_kind, told.outcome_code
        union all
        select
            'use' as outcome_kind,
            'other_services' as outcome_code,
            {{ month_number(add_days("data_end_date", 1)) }} - 1 as last_month_number
        from observed
    )

select *
from final
