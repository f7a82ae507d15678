with
    numbers as (select * from {{ ref("int_person_numbers") }}),

    members as (select * from {{ ref("fct_persona_member") }} where membership = 'member'),

    final as (
        select numbers.person_no, members.year_code, members.persona_id as persona
        from members
        inner join numbers on members.person_key = numbers.person_key
    )

select *
from final
order by year_code, persona, person_no
