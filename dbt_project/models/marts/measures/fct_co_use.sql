with
    used as (select * from {{ ref("int_person_services") }}),

    periods as (select * from {{ ref("stg_periods") }} where period_level in ('year', 'all')),

    residents as (
        select cast(round(sum(persons)) as bigint) as residents from {{ ref("stg_population") }}
    ),

    in_period as (
        select periods.period_code, used.person_key, used.service_id
        from used
        inner join periods on (used.month_mask & periods.month_mask) <> 0
    ),

    users as (
        select period_code, service_id, count(*) as users
        from in_period
        group by period_code, service_id
    ),

    everyone as (
        select in_period.period_code, count(distinct in_period.person_key) as people
        from in_period
        group by in_period.period_code
    ),

    -- Non-users of both belong to the population: residents, or where the area gives none, users
    -- of anything.
    bases as (
        select
            everyone.period_code,
            case
                when residents.residents >= everyone.people
                then residents.residents
                else everyone.people
            end as population,
            coalesce(residents.residents >= everyone.people, false) as is_of_residents
        from everyone
        cross join residents
    ),

    shared as (
        select
            one.period_code,
            one.service_id as service_a,
            other.service_id as service_b,
            count(*) as users_of_both
        from in_period as one
        inner join
            in_period as other
            on one.period_code = other.period_code
            and one.person_key = other.person_key
            and one.service_id < other.service_id
        group by one.period_code, one.service_id, other.service_id
    ),

    final as (
        select
            one.period_code,
            one.service_id as service_a,
            other.service_id as service_b,
            cast(one.users as bigint) as users_of_a,
            cast(other.users as bigint) as users_of_b,
            cast(coalesce(shared.users_of_both, 0) as bigint) as users_of_both,
            cast(bases.population as bigint) as population,
            bases.is_of_residents
        from users as one
        inner join
            users as other
            on one.period_code = other.period_code
            and one.service_id < other.service_id
        inner join bases on one.period_code = bases.period_code
        left join
            shared
            on one.period_code = shared.period_code
            and one.service_id = shared.service_a
            and other.service_id = shared.service_b
    )

select *
from final
