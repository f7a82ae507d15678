with
    members as (select * from {{ ref("fct_person_segment") }}),

    parameters as (select * from {{ ref("int_segment_parameters") }}),

    segments as (
        select
            segment_no,
            segment_version,
            segment_count,
            stability,
            profile,
            fit_year_code,
            fit_people
        from parameters
        group by
            segment_no,
            segment_version,
            segment_count,
            stability,
            profile,
            fit_year_code,
            fit_people
    ),

    totals as (select year_code, count(*) as service_users from members group by year_code),

    counted as (
        select year_code, segment_no, count(*) as people, avg(probability) as probability
        from members
        group by year_code, segment_no
    ),

    joined as (
        select
            segments.*,
            totals.year_code,
            totals.service_users,
            coalesce(counted.people, 0) as people,
            counted.probability
        from segments
        cross join totals
        left join
            counted
            on segments.segment_no = counted.segment_no
            and totals.year_code = counted.year_code
    ),

    final as (
        select
            segment_no,
            year_code,
            segment_version,
            segment_count,
            profile,
            cast(people as bigint) as people,
            cast(service_users as bigint) as service_users,
            {{ share("people", "service_users") }} as people_share,
            {{ wilson("people", "service_users", "low") }} as people_share_low,
            {{ wilson("people", "service_users", "high") }} as people_share_high,
            probability as probability_mean,
            stability,
            stability >= 0.75 as is_stable,
            fit_year_code,
            fit_people
        from joined
    )

select *
from final
