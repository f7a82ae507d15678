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
        select 'service' as level, person_key, step_no as place, service_id as station
        from compared
        union all
        select
            'theme' as level,
            person_key,
            row_number() over (partition by person_key order by step_no nulls last) as place,
            theme as station
        from compared
        where theme_before is null or theme_before <> theme
    ),

    -- A sequence stands as a number until it is one of the few that are told: texts of
    -- everybody's do not fit in
    -- memory. Two different ones of a million share a number with a chance of one in ten million.
    sequences as (
        select
            level,
            person_key,
            count(*) as step_count,
            sum(cast({{ row_hash(["place", "station"]) }} as decimal(20, 0))) as sequence_code
        from stations
        group by level, person_key
    ),

    people_of as (
        select
            sequences.level,
            sequences.sequence_code,
            sequences.step_count,
            min(sequences.person_key) as example_key,
            count(*) as people_all,
            sum(ends.is_ended) as people_ended
        from sequences
        inner join ends on sequences.person_key = ends.person_key
        group by sequences.level, sequences.sequence_code, sequences.step_count
    ),

    counted as (
        select
            'all' as journeys, level, sequence_code, step_count, example_key, people_all as people
        from people_of
        union all
        select
            'ended' as journeys,
            level,
            sequence_code,
            step_count,
            example_key,
            people_ended as people
        from people_of
        where people_ended > 0
    ),

    placed as (
        select
            counted.*,
            rank() over (
                partition by journeys, level order by people desc nulls last
            ) as people_rank
        from counted
    ),

    -- Those as frequent as the last one told are among them, since the text decides between equals.
    candidates as (select * from placed where people_rank <= {{ var("variant_top") }}),

    examples as (select distinct level, sequence_code, example_key from candidates),

    texts as (
        select
            examples.level,
            examples.sequence_code,
            {{ in_order("stations.station", "stations.place", " > ") }} as variant
        from stations
        inner join
            examples
            on stations.person_key = examples.example_key
            and stations.level = examples.level
        group by examples.level, examples.sequence_code
    ),

    ranked as (
        select
            candidates.journeys,
            candidates.level,
            candidates.step_count,
            candidates.people,
            texts.variant,
            row_number() over (
                partition by candidates.journeys, candidates.level
                order by candidates.people desc nulls last, texts.variant nulls last
            ) as variant_rank
        from candidates
        inner join
            texts
            on candidates.level = texts.level
            and candidates.sequence_code = texts.sequence_code
    ),

    named as (select * from ranked where variant_rank <= {{ var("variant_top") }}),

    totals as (
        select journeys, level, count(*) as variants, sum(people) as people
        from counted
        group by journeys, level
    ),

    named_totals as (
        select journeys, level, count(*) as variants, sum(people) as people
        from named
        group by journeys, level
    ),

    told as (
        select journeys, level, variant_rank, variant, step_count, 1 as variants, people
        from named
        union all
        select
            totals.journeys,
            totals.level,
            {{ var("variant_top") }} + 1 as variant_rank,
            'other' as variant,
            null as step_count,
            totals.variants - named_totals.variants as variants,
            totals.people - named_totals.people as people
        from totals
        inner join
            named_totals
            on totals.journeys = named_totals.journeys
            and totals.level = named_totals.level
        where totals.variants > named_totals.variants
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
