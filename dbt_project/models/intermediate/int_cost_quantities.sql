with
    spells as (select * from {{ ref("int_spells") }}),

    uses as (select * from {{ ref("int_service_uses") }}),

    years as (select * from {{ ref("stg_periods") }} where period_level = 'year'),

    costed as (select service_id from {{ ref("stg_unit_costs") }} group by service_id),

    -- A stay counts in the year in which it begins; its days in the years in which they lie.
    stays as (
        select
            spells.person_key,
            spells.service_id,
            years.period_code as year_code,
            sum(case when spells.start_date >= years.start_date then 1 else 0 end) as stays_begun,
            sum(
                {{
                    days_between(
                        "greatest(spells.start_date, years.start_date)",
                        "least(spells.end_date, years.end_date)",
                    )
                }} + 1
            ) as open_days
        from spells
        inner join costed on spells.service_id = costed.service_id
        inner join
            years on spells.start_date <= years.end_date and spells.end_date >= years.start_date
        group by spells.person_key, spells.service_id, years.period_code
    ),

    contacts as (
        select
            uses.person_key, uses.service_id, years.period_code as year_code, count(*) as contacts
        from uses
        inner join
            years on uses.start_date >= years.start_date and uses.start_date <= years.end_date
        where uses.use_kind = 'contact'
        group by uses.person_key, uses.service_id, years.period_code
    ),

    final as (
        select
            stays.person_key,
            stays.service_id,
            stays.year_code,
            cast(stays.stays_begun as int) as stays_begun,
            cast(stays.open_days as int) as open_days,
            cast(coalesce(contacts.contacts, 0) as int) as contacts
        from stays
        left join
            contacts
            on stays.person_key = contacts.person_key
            and stays.service_id = contacts.service_id
            and stays.year_code = contacts.year_code
    )

select *
from final
