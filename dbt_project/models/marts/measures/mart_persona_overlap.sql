with
    members as (select * from {{ ref("fct_persona_member") }} where membership = 'member'),

    sizes as (select * from {{ ref("mart_persona") }}),

    shared as (
        select
            first_one.persona_id as persona_a,
            second_one.persona_id as persona_b,
            first_one.year_code,
            count(*) as people_both
        from members as first_one
        inner join
            members as second_one
            on first_one.person_key = second_one.person_key
            and first_one.year_code = second_one.year_code
        where first_one.persona_id <> second_one.persona_id
        group by first_one.persona_id, second_one.persona_id, first_one.year_code
    ),

    paired as (
        select
            first_one.persona_id as persona_a,
            second_one.persona_id as persona_b,
            first_one.year_code,
            first_one.people as people_a,
            second_one.people as people_b,
            coalesce(shared.people_both, 0) as people_both
        from sizes as first_one
        inner join sizes as second_one on first_one.year_code = second_one.year_code
        left join
            shared
            on first_one.persona_id = shared.persona_a
            and second_one.persona_id = shared.persona_b
            and first_one.year_code = shared.year_code
        where first_one.persona_id <> second_one.persona_id
    ),

    final as (
        select
            persona_a,
            persona_b,
            year_code,
            people_a,
            people_b,
            cast(people_both as bigint) as people_both,
            {{ share("people_both", "people_a") }} as share_of_a,
            {{ share("people_both", "people_a + people_b - people_both") }} as jaccard
        from paired
    )

select *
from final
