with
    comparisons as (select * from {{ ref("stg_comparisons") }}),

    rules as (select * from {{ ref("stg_persona_rules") }}),

    services as (select * from {{ ref("int_services") }}),

    sides as (
        select comparison_id, focus_cohort as cohort
        from comparisons
        union
        select comparison_id, other_cohort as cohort
        from comparisons
    ),

    asked as (
        select sides.comparison_id, rules.feature_kind, rules.feature_code
        from sides
        inner join rules on sides.cohort = concat('persona:', rules.persona_id)
    ),

    -- `union` and not `union all`: both sides may be made of one service.
    final as (
        select sides.comparison_id, services.service_id
        from sides
        inner join services on sides.cohort = concat('service:', services.service_id)
        union
        select asked.comparison_id, services.service_id
        from asked
        inner join
            services
            on asked.feature_kind in ('service', 'sequence')
            and asked.feature_code = services.service_id
        union
        select asked.comparison_id, services.service_id
        from asked
        inner join services on asked.feature_kind = 'theme' and asked.feature_code = services.theme
    )

select *
from final
