with
    totals as (select * from {{ ref("stg_external_totals") }}),

    periods as (select * from {{ ref("stg_periods") }}),

    used as (select * from {{ ref("int_person_services") }}),

    referrals as (select * from {{ ref("fct_referral") }}),

    spells as (select * from {{ ref("int_spells") }}),

    asked as (
        select
            totals.*,
            periods.start_date as period_start_date,
            periods.end_date as period_end_date,
            periods.month_mask
        from totals
        inner join periods on totals.period_code = periods.period_code
    ),

    people as (
        select asked.total_id, count(distinct used.person_key) as our_total
        from asked
        inner join
            used
            on (used.month_mask & asked.month_mask) <> 0
            and (asked.service_id = 'all' or used.service_id = asked.service_id)
        where asked.measure = 'people'
        group by asked.total_id
    ),

    referred as (
        select asked.total_id, count(*) as our_total
        from asked
        inner join
            referrals
            on referrals.referral_date >= asked.period_start_date
            and referrals.referral_date <= asked.period_end_date
            and (asked.service_id = 'all' or referrals.service_id = asked.service_id)
        where asked.measure = 'referrals'
        group by asked.total_id
    ),

    started as (
        select asked.total_id, count(*) as our_total
        from asked
        inner join
            spells
            on spells.start_date >= asked.period_start_date
            and spells.start_date <= asked.period_end_date
            and (asked.service_id = 'all' or spells.service_id = asked.service_id)
        where asked.measure = 'starts'
        group by asked.total_id
    ),

    ours as (
        select *
        from people
        union all
        select *
        from referred
        union all
        select *
        from started
    ),

    compared as (
        select
            asked.*,
            coalesce(ours.our_total, 0) as our_total,
            {{ share("coalesce(ours.our_total, 0)", "asked.external_total") }} as ratio
        from asked
        left join ours on asked.total_id = ours.total_id
    ),

    final as (
        select
            total_id,
            measure,
            service_id,
            period_code,
            source,
            cast(external_total as bigint) as external_total,
            cast(our_total as bigint) as our_total,
            ratio,
            cast(tolerance as double) as tolerance,
            abs(ratio - 1) <= tolerance as is_within
        from compared
    )

select *
from final
