with
    people as (select * from {{ ref("int_compared_people") }}),

    matched as (select * from {{ ref("int_people_matched") }}),

    described as (
        select
            matched.comparison_id,
            matched.method,
            matched.side,
            matched.weight,
            people.sex,
            people.age_band,
            people.ethnic_group,
            people.deprivation,
            people.services_before
        from matched
        inner join
            people
            on matched.comparison_id = people.comparison_id
            and matched.person_key = people.person_key
    ),

    weights as (
        select
            comparison_id,
            method,
            sum(case when side = 'focus' then weight else 0 end) as focus_weight,
            sum(case when side = 'other' then weight else 0 end) as other_weight
        from matched
        group by comparison_id, method
    ),

    counted as (
        {% for covariate in compared_covariates() %}
            select
                comparison_id,
                method,
                '{{ covariate }}' as covariate,
                {{ covariate }} as level,
                sum(case when side = 'focus' then weight else 0 end) as focus_weight,
                sum(case when side = 'other' then weight else 0 end) as other_weight
            from described
            group by comparison_id, method, {{ covariate }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    -- Before matching every level is there; after it one may hold nobody.
    levels as (
        select
            crude.comparison_id,
            crude.covariate,
            crude.level,
            {{ share("crude.focus_weight", "whole.focus_weight") }} as focus_share,
            {{ share("crude.other_weight", "whole.other_weight") }} as other_share
        from counted as crude
        inner join
            weights as whole
            on crude.comparison_id = whole.comparison_id
            and crude.method = whole.method
        where crude.method = 'crude'
    ),

    -- Austin PC, Stat Med 2009;28:3083-3107. The spread is that before matching throughout, so that
    -- a difference is not smaller only because the people left are more alike.
    spread as (
        select
            levels.*,
            sqrt(
                (focus_share * (1 - focus_share) + other_share * (1 - other_share)) / 2
            ) as crude_spread
        from levels
    ),

    final as (
        select
            weights.comparison_id,
            weights.method,
            spread.covariate,
            spread.level,
            coalesce({{ share("counted.focus_weight", "weights.focus_weight") }}, 0) as focus_share,
            coalesce({{ share("counted.other_weight", "weights.other_weight") }}, 0) as other_share,
            coalesce(
                (
                    coalesce({{ share("counted.focus_weight", "weights.focus_weight") }}, 0)
                    - coalesce({{ share("counted.other_weight", "weights.other_weight") }}, 0)
                )
                / nullif(spread.crude_spread, 0),
                0
            ) as standardised_difference
        from weights
        inner join spread on weights.comparison_id = spread.comparison_id
        left join
            counted
            on weights.comparison_id = counted.comparison_id
            and weights.method = counted.method
            and spread.covariate = counted.covariate
            and spread.level = counted.level
        where weights.focus_weight > 0 and weights.other_weight > 0
    )

select *
from final
