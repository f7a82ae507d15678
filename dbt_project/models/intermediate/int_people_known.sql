with
    periods as (select * from {{ ref("stg_periods") }} where period_level in ('year', 'all')),

    -- A year in which somebody used a service, was referred to one or had a need recorded.
    final as (
        select person_key, period_code as year_code
        from {{ ref("fct_person_period") }}
        where period_level in ('year', 'all')
        union
        select referrals.person_key, periods.period_code as year_code
        from {{ ref("fct_referral") }} as referrals
        inner join
            periods
            on referrals.year_code = periods.period_code
            or (referrals.year_code is not null and periods.period_level = 'all')
        union
        select needs.person_key, periods.period_code as year_code
        from {{ ref("fct_need") }} as needs
        inner join
            periods
            on needs.recorded_date >= periods.start_date
            and needs.recorded_date <= periods.end_date
    )

select *
from final
