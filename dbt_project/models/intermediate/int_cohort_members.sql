with
    comparisons as (select * from {{ ref("stg_comparisons") }}),

    spells as (select * from {{ ref("int_spells") }}),

    entries as (select * from {{ ref("int_persona_entries") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    named as (
        select focus_cohort as cohort
        from comparisons
        union
        select other_cohort as cohort
        from comparisons
    ),

    -- Who begins a service, or comes to live a persona, in the window: who did so before has no
    -- first day that is seen.
    users as (
        select concat('service:', service_id) as cohort, person_key, min(start_date) as entered_date
        from spells
        group by service_id, person_key
        union all
        select concat('persona:', persona_id) as cohort, person_key, entered_date
        from entries
    ),

    final as (
        select users.cohort, users.person_key, users.entered_date
        from users
        inner join named on users.cohort = named.cohort
        cross join observed
        where users.entered_date >= observed.data_start_date
    )

select *
from final
