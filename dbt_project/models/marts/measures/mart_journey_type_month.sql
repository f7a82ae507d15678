with
    sequences as (select * from {{ ref("int_sequences") }}),

    types as (select * from {{ ref("int_sequence_types") }}),

    months as (
        select month_index as months_since_entry
        from {{ ref("int_months") }}
        where month_index < {{ var("journey_months") }}
    ),

    signs as (
        select {{ state_sign("theme_index") }} as sign, theme as state
        from {{ ref("int_services") }}
        group by theme_index, theme
        union all
        select '-' as sign, 'none' as state
    ),

    counted as (
        select
            types.type_no,
            months.months_since_entry,
            substr(sequences.sequence, cast(months.months_since_entry as int) + 1, 1) as sign,
            max(
                substr(types.medoid_sequence, cast(months.months_since_entry as int) + 1, 1)
            ) as medoid_sign,
            sum(sequences.people) as people
        from types
        inner join sequences on types.sequence = sequences.sequence
        cross join months
        group by types.type_no, months.months_since_entry, sign
    ),

    totalled as (
        select
            counted.*, sum(people) over (partition by type_no, months_since_entry) as people_of_type
        from counted
    ),

    final as (
        select
            cast(totalled.type_no as int) as type_no,
            cast(totalled.months_since_entry as int) as months_since_entry,
            signs.state,
            cast(totalled.people as bigint) as people,
            cast(totalled.people_of_type as bigint) as people_of_type,
            {{ share("totalled.people", "totalled.people_of_type") }} as state_share,
            totalled.sign = totalled.medoid_sign as is_medoid_state
        from totalled
        inner join signs on totalled.sign = signs.sign
    )

select *
from final
