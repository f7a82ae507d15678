with
    referrals as (select * from {{ ref("fct_referral") }} where year_code is not null),

    counted as (
        select service_id, theme, year_code, wait_ending, stay_ending, count(*) as referrals
        from referrals
        group by service_id, theme, year_code, wait_ending, stay_ending
    ),

    -- Two stages that every feed of episodes can tell: from referral to start, from start to end.
    staged as (
        select
            service_id,
            theme,
            year_code,
            1 as stage_no,
            'start' as stage,
            sum(referrals) as entered,
            sum(referrals) filter (where wait_ending = 'started') as reached,
            sum(referrals) filter (where wait_ending = 'declined') as declined,
            sum(referrals) filter (where wait_ending = 'withdrawn') as dropped_out,
            cast(0 as bigint) as left_otherwise,
            sum(referrals) filter (where wait_ending = 'waiting') as pending
        from counted
        group by service_id, theme, year_code
        union all
        select
            service_id,
            theme,
            year_code,
            2 as stage_no,
            'completion' as stage,
            sum(referrals) as entered,
            sum(referrals) filter (where stay_ending = 'planned') as reached,
            cast(0 as bigint) as declined,
            sum(referrals) filter (where stay_ending = 'unplanned') as dropped_out,
            sum(referrals) filter (
                where stay_ending in ('moved_or_died', 'transferred', 'unknown')
            ) as left_otherwise,
            sum(referrals) filter (where stay_ending = 'open') as pending
        from counted
        where wait_ending = 'started'
        group by service_id, theme, year_code
    ),

    filled as (
        select
            service_id,
            theme,
            year_code,
            stage_no,
            stage,
            {% for figure in [
                "entered",
                "reached",
                "declined",
                "dropped_out",
                "left_otherwise",
                "pending",
            ] %}
                cast(coalesce({{ figure }}, 0) as bigint) as {{ figure }},
            {% endfor %}
            cast(entered - coalesce(pending, 0) as bigint) as settled
        from staged
    ),

    final as (
        select
            filled.*,
            {{ share("reached", "settled") }} as reached_share,
            {{ wilson("reached", "settled", "low") }} as reached_share_low,
            {{ wilson("reached", "settled", "high") }} as reached_share_high,
            {{ share("dropped_out", "settled") }} as dropped_out_share,
            {{ wilson("dropped_out", "settled", "low") }} as dropped_out_share_low,
            {{ wilson("dropped_out", "settled", "high") }} as dropped_out_share_high
        from filled
    )

select *
from final
