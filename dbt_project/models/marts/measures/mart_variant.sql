with
    journeys as (select person_key from {{ ref("int_journeys") }}),

    steps as (select * from {{ ref("int_steps") }}),

    ends as (
        select person_key, max(case when to_service = 'END' then 1 else 0 end) as is_ended
        from {{ ref("int_transitions") }}
        group by person_key
    ),

    -- Of themes, one after another of the same is one.
    compared as (
        select
            steps.person_key,
            steps.step_no,
            steps.service_id,
            steps.theme,
            lag(steps.theme) over (
                partition by steps.person_key order by steps.step_no nulls last
            ) as theme_before
        from steps
        inner join journeys on steps.person_key = journeys.person_key
    ),

    stations as (
        select 'service' as level, person_key, step_no, service_id as station
        from compared
        union all
        select 'theme' as level, person_key, step_no, theme as station
        from compared
        where theme_before is null or theme_before <> theme
    ),

    sequences as (
        select
            stations.level,
            stations.person_key,
            ends.is_ended,
            {{ in_order("stations.station", "stations.step_no", " > ") }} as variant,
            count(*) as step_count
        from stations
        inner join ends on stations.person_key = ends.person_key
        group by stations.level, stations.person_key, ends.is_ended
    ),

    counted as (
        select 'all' as journeys, level, variant, step_count, count(*) as people
        from sequences
        group by level, variant, step_count
        union all
        select 'ended' as journeys, level, variant, step_count, count(*) as people
        from sequences
        where is_ended = 1
        group by level, variant, step_count
    ),

    ranked as (
        select
            counted.*,
            row_number() over (
                partition by journeys, level order by people desc nulls last, variant nulls last
            ) as variant_rank
        from counted
    ),

    named as (
        select
            journeys,
            level,
            least(variant_rank, {{ var("variant_top") }} + 1) as variant_rank,
            case
                when variant_rank <= {{ var("variant_top") }} then variant else 'other'
            end as variant,
            case when variant_rank <= {{ var("variant_top") }} then step_count end as step_count,
            people
        from ranked
    ),

    told as (
        select
            journeys,
            level,
            variant_rank,
            variant,
            step_count,
            count(*) as variants,
            sum(people) as people
        from named
        group by journeys, level, variant_rank, variant, step_count
    ),

    summed as (
        select
            told.*,
            sum(people) over (
                partition by journeys, level
                order by variant_rank nulls last
                rows between unbounded preceding and current row
            ) as people_so_far,
            sum(people) over (partition by journeys, level) as people_entered
        from told
    ),

    final as (
        select
            journeys,
            level,
            cast(variant_rank as int) as variant_rank,
            variant,
            cast(step_count as int) as step_count,
            cast(variants as bigint) as variants,
            cast(people as bigint) as people,
            cast(people_entered as bigint) as people_entered,
            {{ share("people", "people_entered") }} as variant_share,
            {{ share("people_so_far", "people_entered") }} as coverage_share
        from summed
    )

select *
from final
