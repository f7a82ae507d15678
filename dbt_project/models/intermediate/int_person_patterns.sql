with
    has as (select * from {{ ref("int_person_features") }}),

    features as (select * from {{ ref("int_segment_features") }}),

    -- Who used a service in the year; a need alone makes nobody a service user.
    summed as (
        select
            has.person_key,
            has.year_code,
            coalesce(sum(features.feature_bit), 0) as pattern,
            max(case when has.feature_kind = 'service' then 1 else 0 end) as is_user
        from has
        left join
            features
            on has.feature_kind = features.feature_kind
            and has.feature_code = features.feature_code
        group by has.person_key, has.year_code
    ),

    final as (
        select person_key, year_code, cast(pattern as bigint) as pattern
        from summed
        where is_user = 1
    )

select *
from final
