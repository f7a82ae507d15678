with
    needs as (select * from {{ ref("fct_need") }}),

    used as (select * from {{ ref("int_person_services") }}),

    themes as (select theme from {{ ref("int_services") }} group by theme),

    matching as (
        select need_code, service_theme
        from {{ ref("stg_need_themes") }}
        group by need_code, service_theme
    ),

    periods as (select * from {{ ref("stg_periods") }} where period_level in ('year', 'all')),

    needing as (
        select
            needs.person_key, needs.need_code, periods.period_code as year_code, periods.month_mask
        from needs
        inner join
            periods
            on needs.recorded_date >= periods.start_date
            and needs.recorded_date <= periods.end_date
        group by needs.person_key, needs.need_code, periods.period_code, periods.month_mask
    ),

    counted as (
        select year_code, need_code, count(*) as people from needing group by year_code, need_code
    ),

    using_too as (
        select
            needing.year_code,
            needing.need_code,
            used.theme,
            count(distinct used.person_key) as people_used
        from needing
        inner join
            used
            on needing.person_key = used.person_key
            and (used.month_mask & needing.month_mask) <> 0
        group by needing.year_code, needing.need_code, used.theme
    ),

    crossed as (
        select
            counted.year_code,
            counted.need_code,
            themes.theme,
            matching.need_code is not null as is_matching,
            counted.people,
            coalesce(using_too.people_used, 0) as people_used
        from counted
        cross join themes
        left join
            using_too
            on counted.year_code = using_too.year_code
            and counted.need_code = using_too.need_code
            and themes.theme = using_too.theme
        left join
            matching
            on counted.need_code = matching.need_code
            and themes.theme = matching.service_theme
    ),

    final as (
        select
            year_code,
            need_code,
            theme,
            is_matching,
            cast(people as bigint) as people,
            cast(people_used as bigint) as people_used,
            {{ share("people_used", "people") }} as used_share,
            {{ wilson("people_used", "people", "low") }} as used_share_low,
            {{ wilson("people_used", "people", "high") }} as used_share_high
        from crossed
    )

select *
from final
