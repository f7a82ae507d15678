with
    spells as (select * from {{ ref("int_spells") }}),

    followups as (select * from {{ ref("int_followups") }}),

    months as (select * from {{ ref("int_months") }}),

    firsts as (
        select person_key, service_id, min(start_date) as start_date
        from spells
        group by person_key, service_id
    ),

    -- Bits i to j together are 2 * bit j - bit i. Who began before the window has no first day that
    -- is seen, and no month of it that is the month of the start.
    final as (
        select
            firsts.person_key,
            firsts.service_id,
            firsts.start_date,
            starts.month_number,
            halfway.month_mask - earliest.month_mask as earlier_mask,
            starts.month_mask - halfway.month_mask as before_mask,
            2 * latest.month_mask - 2 * starts.month_mask as after_mask
        from firsts
        inner join followups on firsts.person_key = followups.person_key
        inner join months as starts on starts.month_number = {{ month_number("firsts.start_date") }}
        inner join
            months as earliest
            on earliest.month_number = starts.month_number - {{ 2 * var("compared_months") }}
        inner join
            months as halfway
            on halfway.month_number = starts.month_number - {{ var("compared_months") }}
        inner join
            months as latest
            on latest.month_number = starts.month_number + {{ var("compared_months") }}
        where latest.month_number <= followups.last_month_number
    )

select *
from final
