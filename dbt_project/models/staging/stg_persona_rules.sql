with
    records as (select * from {{ source("area", "persona_rules") }}),

    final as (
        select
            persona_id,
            cast(clause_no as int) as clause_no,
            feature_kind,
            feature_code,
            is_refused,
            cast(step_no as int) as step_no
        from records
    )

select *
from final
