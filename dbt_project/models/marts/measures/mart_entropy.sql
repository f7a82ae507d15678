with
    moves as (
        select * from {{ ref("mart_transition") }} where year_code = 'all' and to_state <> 'OPEN'
    ),

    chronogram as (select * from {{ ref("mart_chronogram") }}),

    sequences as (select * from {{ ref("int_person_sequences") }}),

    destinations as (select level, count(distinct to_state) as states from moves group by level),

    alphabet as (
        select count(distinct state) as states
        from chronogram
        where people > 0 and entry_theme = 'all'
    ),

    of_moves as (
        select
            concat(moves.level, '_moves') as kind,
            moves.from_state as group_value,
            sum(moves.moves) as cases,
            max(destinations.states) as states,
            sum({{ entropy_term("moves.moves", "moves.settled_moves") }}) as entropy
        from moves
        inner join destinations on moves.level = destinations.level
        group by moves.level, moves.from_state
    ),

    of_months as (
        select
            'states_of_month' as kind,
            cast(chronogram.months_since_entry as string) as group_value,
            max(chronogram.people_followed) as cases,
            max(alphabet.states) as states,
            sum({{ entropy_term("chronogram.people", "chronogram.people_followed") }}) as entropy
        from chronogram
        cross join alphabet
        where chronogram.entry_theme = 'all'
        group by chronogram.months_since_entry
    ),

    -- Times that each state's sign stands in a sequence: what its text loses without it.
    signs as (
        select {{ state_sign("theme_index") }} as sign
        from {{ ref("int_services") }}
        group by theme_index
        union all
        select '-' as sign
    ),

    distinct_sequences as (
        select entry_theme, sequence, count(*) as people
        from sequences
        group by entry_theme, sequence
    ),

    within_each as (
        select
            sequences.sequence,
            sum(
                {{
                    entropy_term(
                        "length(sequences.sequence) - length(replace(sequences.sequence, signs.sign, ''))",
                        "length(sequences.sequence)",
                    )
                }}
            ) as entropy
        from (select sequence from distinct_sequences group by sequence) as sequences
        cross join signs
        group by sequences.sequence
    ),

    within_journeys as (
        select
            'within_journey' as kind,
            coalesce(distinct_sequences.entry_theme, 'all') as group_value,
            sum(distinct_sequences.people) as cases,
            max(alphabet.states) as states,
            sum(distinct_sequences.people * within_each.entropy)
            / sum(distinct_sequences.people) as entropy
        from distinct_sequences
        cross join alphabet
        inner join within_each on distinct_sequences.sequence = within_each.sequence
        group by grouping sets ((distinct_sequences.entry_theme), ())
        having sum(distinct_sequences.people) > 0
    ),

    together as (
        select *
        from of_moves
        union all
        select *
        from of_months
        union all
        select *
        from within_journeys
    ),

    final as (
        select
            kind,
            group_value,
            cast(cases as bigint) as cases,
            cast(states as int) as states,
            cast(entropy as double) as entropy,
            cast({{ of_most("entropy", "states") }} as double) as normalised_entropy
        from together
    )

select *
from final
