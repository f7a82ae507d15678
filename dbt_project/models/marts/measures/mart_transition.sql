with
    transitions as (select * from {{ ref("fct_transition") }} where is_in_window),

    -- Between themes only a change of theme is a move; from one service to another of the same
    -- theme is none.
    moves as (
        select
            'service' as level,
            person_key,
            year_code,
            from_service as from_state,
            to_service as to_state,
            gap_days,
            is_overlapping,
            is_tie
        from transitions
        union all
        select
            'theme' as level,
            person_key,
            year_code,
            from_theme as from_state,
            to_theme as to_state,
            gap_days,
            is_overlapping,
            is_tie
        from transitions
        where from_theme <> to_theme
    ),

    counted as (
        select
            level,
            coalesce(year_code, 'all') as year_code,
            from_state,
            to_state,
            count(*) as moves,
            count(distinct person_key) as people,
            sum(case when is_overlapping then 1 else 0 end) as overlapping_moves,
            sum(case when is_tie then 1 else 0 end) as tied_moves,
            median(gap_days) as median_gap_days
        from moves
        group by
            grouping sets ((level, year_code, from_state, to_state), (level, from_state, to_state))
    ),

    -- Where a person has got to who is still in service is not known: OPEN is in no denominator.
    settled as (
        select
            counted.*,
            sum(case when to_state <> 'OPEN' then moves else 0 end) over (
                partition by level, year_code, from_state
            ) as settled_moves
        from counted
    ),

    final as (
        select
            level,
            year_code,
            from_state,
            to_state,
            cast(moves as bigint) as moves,
            cast(people as bigint) as people,
            cast(settled_moves as bigint) as settled_moves,
            case
                when to_state <> 'OPEN' then {{ share("moves", "settled_moves") }}
            end as probability,
            case
                when to_state <> 'OPEN' then {{ wilson("moves", "settled_moves", "low") }}
            end as probability_low,
            case
                when to_state <> 'OPEN' then {{ wilson("moves", "settled_moves", "high") }}
            end as probability_high,
            cast(overlapping_moves as bigint) as overlapping_moves,
            cast(tied_moves as bigint) as tied_moves,
            cast(median_gap_days as double) as median_gap_days
        from settled
    )

select *
from final
