with
    records as (select * from {{ ref("int_person_records") }} where lsoa_code is not null),

    periods as (select * from {{ ref("stg_periods") }} where period_level in ('year', 'all')),

    -- What each feed says at the end of the year: its newest address by then, else its first
    -- later one.
    dated as (
        select
            records.person_key,
            periods.period_code as year_code,
            records.feed,
            records.lsoa_code,
            case when records.valid_from <= periods.end_date then records.valid_from end as said_on,
            row_number() over (
                partition by records.person_key, periods.period_code, records.feed
                order by
                    case when records.valid_from <= periods.end_date then 0 else 1 end nulls last,
                    case
                        when records.valid_from <= periods.end_date
                        then -{{ days_between("cast('1900-01-01' as date)", "records.valid_from") }}
                        else {{ days_between("cast('1900-01-01' as date)", "records.valid_from") }}
                    end nulls last,
                    records.lsoa_code nulls last
            ) as preference
        from records
        cross join periods
    ),

    stated as (
        select person_key, year_code, lsoa_code, max(said_on) as newest, count(*) as feed_count
        from dated
        where preference = 1
        group by person_key, year_code, lsoa_code
    ),

    -- Between feeds: the newest, then the one that most feeds give, then the first in order.
    ranked as (
        select
            stated.*,
            row_number() over (
                partition by person_key, year_code
                order by newest desc nulls last, feed_count desc nulls last, lsoa_code nulls last
            ) as preference,
            count(*) over (partition by person_key, year_code) as value_count
        from stated
    ),

    final as (
        select person_key, year_code, lsoa_code, value_count > 1 as has_area_conflict
        from ranked
        where preference = 1
    )

select *
from final
