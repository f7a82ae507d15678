with
    comparisons as (select * from {{ ref("stg_comparisons") }}),

    personas as (select * from {{ ref("stg_personas") }}),

    rules as (select * from {{ ref("stg_persona_rules") }}),

    sequences as (select * from {{ ref("int_persona_sequences") }}),

    spells as (select * from {{ ref("int_spells") }}),

    services as (select * from {{ ref("int_services") }}),

    needs as (select * from {{ ref("int_needs_met") }}),

    months as (select * from {{ ref("int_months") }}),

    people as (select * from {{ ref("int_people_resolved") }}),

    -- Only personas that a comparison names.
    named as (
        select personas.persona_id, personas.clause_count, personas.age_from, personas.age_to
        from personas
        inner join
            (
                select focus_cohort as cohort
                from comparisons
                union
                select other_cohort as cohort
                from comparisons
            ) as cohorts
            on concat('persona:', personas.persona_id) = cohorts.cohort
    ),

    first_days as (
        select
            person_key,
            'service' as feature_kind,
            service_id as feature_code,
            min(start_date) as first_date
        from spells
        group by person_key, service_id
        union all
        select
            spells.person_key,
            'theme' as feature_kind,
            services.theme as feature_code,
            min(spells.start_date) as first_date
        from spells
        inner join services on spells.service_id = services.service_id
        group by spells.person_key, services.theme
        union all
        select
            person_key,
            'need' as feature_kind,
            need_code as feature_code,
            min(recorded_date) as first_date
        from needs
        where need_code is not null and person_key is not null
        group by person_key, need_code
    ),

    began as (
        select
            rules.persona_id,
            rules.clause_no,
            rules.is_refused,
            first_days.person_key,
            min(first_days.first_date) as first_date
        from rules
        inner join named on rules.persona_id = named.persona_id
        inner join
            first_days
            on rules.feature_kind = first_days.feature_kind
            and rules.feature_code = first_days.feature_code
        group by rules.persona_id, rules.clause_no, rules.is_refused, first_days.person_key
        union all
        select persona_id, clause_no, false as is_refused, person_key, completed_date as first_date
        from sequences
    ),

    whole as (
        select
            began.persona_id,
            began.person_key,
            max(named.age_from) as age_from,
            max(named.age_to) as age_to,
            max(case when not began.is_refused then began.first_date end) as entered_date,
            min(case when began.is_refused then began.first_date end) as refused_date
        from began
        inner join named on began.persona_id = named.persona_id
        group by began.persona_id, began.person_key
        having sum(case when began.is_refused then 0 else 1 end) = max(named.clause_count)
    ),

    -- Judged by what was so on the day, and by nothing later; the age is that of its reporting
    -- year.
    final as (
        select whole.persona_id, whole.person_key, whole.entered_date
        from whole
        inner join months on months.month_number = {{ month_number("whole.entered_date") }}
        inner join
            people on whole.person_key = people.person_key and months.year_code = people.year_code
        where
            coalesce(whole.refused_date > whole.entered_date, true)
            and (
                whole.age_from is null
                or (
                    people.age_band <> 'unknown'
                    and people.age between whole.age_from and whole.age_to
                )
            )
    )

select *
from final
