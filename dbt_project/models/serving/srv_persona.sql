with
    personas as (select * from {{ ref("stg_personas") }}),

    final as (
        select persona_id as persona, persona_name, persona_kind, situation, persona_version
        from personas
    )

select *
from final
order by persona
