with
    used as (select * from {{ ref("int_person_services") }}),

    needs as (select * from {{ ref("int_needs_met") }}),

    years as (select * from {{ ref("stg_periods") }} where period_level in ('year', 'all')),

    services as (
        select
            used.person_key,
            years.period_code as year_code,
            'service' as feature_kind,
            used.service_id as feature_code
        from used
        inner join years on (used.month_mask & years.month_mask) <> 0
    ),

    themes as (
        select
            used.person_key,
            years.period_code as year_code,
            'theme' as feature_kind,
            used.theme as feature_code
        from used
        inner join years on (used.month_mask & years.month_mask) <> 0
        group by used.person_key, years.period_code, used.theme
    ),

    recorded as (
        select
            needs.person_key,
            years.period_code as year_code,
            'need' as feature_kind,
            needs.need_code as feature_code
        from needs
        inner join years on needs.recorded_date between years.start_date and years.end_date
        where needs.need_code is not null and needs.person_key is not null
        group by needs.person_key, years.period_code, needs.need_code
    ),

    final as (
        select *
        from services
        union all
        select *
        from themes
        union all
        select *
        from recorded
    )

select *
from final
