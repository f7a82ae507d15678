with
    numbers as (select * from {{ ref("int_person_numbers") }}),

    referrals as (select * from {{ ref("fct_referral") }} where year_code is not null),

    months as (select * from {{ ref("int_months") }}),

    final as (
        select distinct
            numbers.person_no,
            referrals.service_id,
            referrals.theme,
            {{ wait_band("referrals.wait_ending", "referrals.wait_days") }} as wait,
            coalesce(referrals.stay_ending, 'not_started') as stay_ending,
            months.quarter_code,
            months.year_code
        from referrals
        inner join numbers on referrals.person_key = numbers.person_key
        inner join months on months.month_number = {{ month_number("referrals.referral_date") }}
    )

select *
from final
order by quarter_code, service_id, person_no, wait, stay_ending
