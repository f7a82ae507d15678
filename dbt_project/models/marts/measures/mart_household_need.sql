with
    needs as (select * from {{ ref("fct_need") }}),

    memberships as (select * from {{ ref("int_households_resolved") }}),

    households as (select * from {{ ref("dim_household") }}),

    periods as (select * from {{ ref("stg_periods") }} where period_level in ('year', 'all')),

    -- Different needs of all members together.
    counted as (
        select
            memberships.household_key,
            periods.period_code as year_code,
            count(distinct needs.need_code) as need_count
        from needs
        inner join
            periods
            on needs.recorded_date >= periods.start_date
            and needs.recorded_date <= periods.end_date
        inner join memberships on needs.person_key = memberships.person_key
        group by memberships.household_key, periods.period_code
    ),

    grouped as (
        select
            counted.year_code,
            households.household_type,
            count(*) as households,
            sum(case when counted.need_count = 1 then 1 else 0 end) as with_1,
            sum(case when counted.need_count = 2 then 1 else 0 end) as with_2,
            sum(case when counted.need_count >= 3 then 1 else 0 end) as with_3
        from counted
        inner join households on counted.household_key = households.household_key
        group by counted.year_code, households.household_type
    ),

    final as (
        select
            year_code,
            household_type,
            cast(households as bigint) as households,
            cast(with_1 as bigint) as households_with_1,
            cast(with_2 as bigint) as households_with_2,
            cast(with_3 as bigint) as households_with_3,
            {{ share("with_3", "households") }} as with_3_share,
            {{ wilson("with_3", "households", "low") }} as with_3_share_low,
            {{ wilson("with_3", "households", "high") }} as with_3_share_high
        from grouped
    )

select *
from final
