with
    personas as (select * from {{ ref("stg_personas") }}),

    members as (select * from {{ ref("fct_persona_member") }}),

    users as (select * from {{ ref("fct_person_period") }} where period_level in ('year', 'all')),

    people as (select * from {{ ref("int_people_resolved") }}),

    served as (
        select
            users.period_code as year_code,
            count(*) as service_users,
            sum(case when people.age_band <> 'unknown' then 1 else 0 end) as aged_users
        from users
        inner join
            people on users.person_key = people.person_key and users.period_code = people.year_code
        group by users.period_code
    ),

    counted as (
        select
            persona_id,
            year_code,
            sum(case when membership = 'member' then 1 else 0 end) as people,
            sum(case when membership = 'age_unknown' then 1 else 0 end) as undecided
        from members
        group by persona_id, year_code
    ),

    joined as (
        select
            personas.*,
            served.year_code,
            served.service_users,
            case
                when personas.age_from is null then served.service_users else served.aged_users
            end as evaluated,
            coalesce(counted.people, 0) as people,
            coalesce(counted.undecided, 0) as undecided
        from personas
        cross join served
        left join
            counted
            on personas.persona_id = counted.persona_id
            and served.year_code = counted.year_code
    ),

    final as (
        select
            persona_id,
            year_code,
            persona_kind,
            persona_name,
            situation,
            persona_version,
            cast(people as bigint) as people,
            cast(undecided as bigint) as people_undecided,
            cast(service_users as bigint) as service_users,
            cast(evaluated as bigint) as users_evaluated,
            {{ share("people", "service_users") }} as coverage_share,
            {{ wilson("people", "service_users", "low") }} as coverage_share_low,
            {{ wilson("people", "service_users", "high") }} as coverage_share_high,
            {{ share("evaluated", "service_users") }} as evaluated_share
        from joined
    )

select *
from final
