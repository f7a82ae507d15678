with
    people as (select * from {{ ref("int_person_patterns") }}),

    years as (select * from {{ ref("stg_periods") }} where period_level = 'year'),

    observed as (select * from {{ ref("int_observation_windows") }}),

    -- The newest year that has ended; without one, the newest. Each person is in it once.
    fitted as (
        select
            coalesce(
                max(case when years.end_date <= observed.data_end_date then years.period_code end),
                max(years.period_code)
            ) as year_code
        from years
        cross join observed
    ),

    counted as (
        select year_code, pattern, count(*) as people from people group by year_code, pattern
    ),

    final as (
        select
            counted.year_code,
            counted.pattern,
            cast(counted.people as bigint) as people,
            counted.year_code = fitted.year_code as is_fit_year
        from counted
        cross join fitted
    )

select *
from final
