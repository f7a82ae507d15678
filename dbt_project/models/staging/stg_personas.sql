with
    records as (select * from {{ source("area", "personas") }}),

    final as (
        select
            persona_id,
            persona_kind,
            persona_name,
            situation,
            persona_version,
            cast(clause_count as int) as clause_count,
            cast(age_from as int) as age_from,
            cast(age_to as int) as age_to
        from records
    )

select *
from final
