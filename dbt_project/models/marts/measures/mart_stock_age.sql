with
    referrals as (select * from {{ ref("fct_referral") }}),

    spells as (select * from {{ ref("fct_spell") }}),

    windows as (select * from {{ ref("int_service_windows") }}),

    months as (
        select months.month_code, months.end_date, windows.service_id
        from {{ ref("int_months") }} as months
        inner join windows on months.end_date <= windows.observed_to_date
    ),

    -- Who left on the month's last day has left. A drop-out without a date is on no list.
    stocks as (
        select
            'waiting' as stock,
            referrals.service_id,
            months.month_code,
            {{ days_between("referrals.referral_date", "months.end_date") }} as days
        from referrals
        inner join
            months
            on referrals.service_id = months.service_id
            and referrals.referral_date <= months.end_date
        where
            case
                when referrals.wait_ending = 'waiting'
                then referrals.observed_to_date >= months.end_date
                else
                    {{ add_days("referrals.referral_date", "referrals.wait_days") }}
                    > months.end_date
            end
        union all
        select
            'open' as stock,
            spells.service_id,
            months.month_code,
            {{ days_between("spells.start_date", "months.end_date") }} as days
        from spells
        inner join
            months on spells.service_id = months.service_id and spells.start_date <= months.end_date
        where
            spells.end_date > months.end_date
            or (spells.is_open and spells.end_date = months.end_date)
    ),

    banded as (select stocks.*, {{ weeks_band("days") }} as weeks_band from stocks),

    final as (
        select stock, service_id, month_code, weeks_band, count(*) as cases
        from banded
        group by stock, service_id, month_code, weeks_band
    )

select *
from final
