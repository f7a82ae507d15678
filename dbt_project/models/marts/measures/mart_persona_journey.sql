with
    members as (
        select *
        from {{ ref("fct_persona_member") }}
        where membership = 'member' and year_code = 'all'
    ),

    journeys as (select * from {{ ref("int_journeys") }}),

    variants as (
        select
            members.persona_id,
            journeys.step_1,
            journeys.step_2,
            journeys.step_3,
            count(*) as people
        from members
        inner join journeys on members.person_key = journeys.person_key
        group by members.persona_id, journeys.step_1, journeys.step_2, journeys.step_3
    ),

    ranked as (
        select
            variants.*,
            row_number() over (
                partition by persona_id
                order by
                    people desc nulls last, step_1 nulls last, step_2 nulls last, step_3 nulls last
            ) as variant_no,
            sum(people) over (partition by persona_id) as people_with_entry
        from variants
    ),

    final as (
        select
            persona_id,
            cast(variant_no as int) as variant_no,
            step_1,
            step_2,
            step_3,
            cast(people as bigint) as people,
            cast(people_with_entry as bigint) as people_with_entry,
            {{ share("people", "people_with_entry") }} as people_share
        from ranked
        where variant_no <= 5
    )

select *
from final
