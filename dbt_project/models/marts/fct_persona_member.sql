with
    personas as (select * from {{ ref("stg_personas") }}),

    rules as (select * from {{ ref("stg_persona_rules") }}),

    features as (select * from {{ ref("int_person_features") }}),

    sequences as (select * from {{ ref("int_persona_sequences") }}),

    years as (select * from {{ ref("stg_periods") }} where period_level in ('year', 'all')),

    people as (select * from {{ ref("int_people_resolved") }}),

    users as (select * from {{ ref("fct_person_period") }} where period_level in ('year', 'all')),

    met as (
        select features.person_key, features.year_code, rules.persona_id, rules.clause_no
        from features
        inner join
            rules
            on features.feature_kind = rules.feature_kind
            and features.feature_code = rules.feature_code
        where not rules.is_refused
        group by features.person_key, features.year_code, rules.persona_id, rules.clause_no
        union all
        select
            sequences.person_key,
            years.period_code as year_code,
            sequences.persona_id,
            sequences.clause_no
        from sequences
        inner join years on sequences.completed_date <= years.end_date
    ),

    refused as (
        select features.person_key, features.year_code, rules.persona_id
        from features
        inner join
            rules
            on features.feature_kind = rules.feature_kind
            and features.feature_code = rules.feature_code
        where rules.is_refused
        group by features.person_key, features.year_code, rules.persona_id
    ),

    counted as (
        select person_key, year_code, persona_id, count(*) as clauses_met
        from met
        group by person_key, year_code, persona_id
    ),

    -- All that must hold holds, and nothing refused does; the age is judged next.
    eligible as (
        select counted.person_key, counted.year_code, personas.*
        from counted
        inner join
            personas
            on counted.persona_id = personas.persona_id
            and counted.clauses_met = personas.clause_count
        inner join
            users on counted.person_key = users.person_key and counted.year_code = users.period_code
        left join
            refused
            on counted.person_key = refused.person_key
            and counted.year_code = refused.year_code
            and counted.persona_id = refused.persona_id
        where refused.person_key is null
    ),

    judged as (
        select
            eligible.*,
            case
                when eligible.age_from is null
                then 'member'
                when people.age_band = 'unknown'
                then 'age_unknown'
                when people.age between eligible.age_from and eligible.age_to
                then 'member'
                else 'other_age'
            end as membership
        from eligible
        inner join
            people
            on eligible.person_key = people.person_key
            and eligible.year_code = people.year_code
    ),

    final as (
        select person_key, persona_id, year_code, persona_kind, persona_version, membership
        from judged
        where membership <> 'other_age'
    )

select *
from final
