with
    rules as (select * from {{ ref("stg_persona_rules") }}),

    final as (
        select persona_id as persona, feature_kind, feature_code
        from rules
        group by persona_id, feature_kind, feature_code
    )

select *
from final
order by persona, feature_kind, feature_code
