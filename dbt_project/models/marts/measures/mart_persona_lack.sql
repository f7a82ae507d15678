with
    personas as (select * from {{ ref("mart_persona") }} where year_code = 'all'),

    stated as (select * from {{ ref("stg_persona_lacks") }}),

    rules as (select * from {{ ref("stg_persona_rules") }}),

    features as (select * from {{ ref("int_person_features") }} where year_code = 'all'),

    windows as (select * from {{ ref("int_service_windows") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    known as (select feature_kind, feature_code from features group by feature_kind, feature_code),

    asked as (
        select
            persona_id,
            case
                when feature_kind = 'sequence' then 'service' else feature_kind
            end as feature_kind,
            feature_code
        from rules
        group by 1, 2, 3
    ),

    -- What the rule asks for and no feed in force has ever told.
    never as (
        select
            asked.persona_id,
            concat(asked.feature_kind, '_never_seen') as lack_kind,
            asked.feature_code as lack,
            cast(null as date) as seen_to_date,
            cast(null as bigint) as people
        from asked
        left join
            known
            on asked.feature_kind = known.feature_kind
            and asked.feature_code = known.feature_code
        where known.feature_code is null
    ),

    stopped as (
        select
            asked.persona_id,
            'feed_stopped' as lack_kind,
            asked.feature_code as lack,
            windows.observed_to_date as seen_to_date,
            cast(null as bigint) as people
        from asked
        cross join observed
        inner join windows on asked.feature_code = windows.service_id
        where asked.feature_kind = 'service' and windows.observed_to_date < observed.data_end_date
    ),

    unaged as (
        select
            persona_id,
            'age_unknown' as lack_kind,
            'age' as lack,
            cast(null as date) as seen_to_date,
            people_undecided as people
        from personas
        where people_undecided > 0
    ),

    told as (
        select
            persona_id,
            'stated' as lack_kind,
            lack,
            cast(null as date) as seen_to_date,
            cast(null as bigint) as people
        from stated
    ),

    final as (
        select *
        from told
        union all
        select *
        from never
        union all
        select *
        from stopped
        union all
        select *
        from unaged
    )

select *
from final
