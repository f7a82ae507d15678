with
    used as (select * from {{ ref("fct_person_period") }}),

    counted as (
        select
            period_code,
            period_level,
            count(*) as people,
            sum(case when services_used_count >= 4 then 1 else 0 end) as four_used,
            sum(case when services_at_once_count >= 4 then 1 else 0 end) as four_at_once,
            sum(services_used_count) as services_used,
            {% for number in range(1, 4) %}
                sum(
                    case when services_used_count = {{ number }} then 1 else 0 end
                ) as used_{{ number }},
                sum(
                    case when services_at_once_count = {{ number }} then 1 else 0 end
                ) as at_once_{{ number }}
                {%- if not loop.last %}, {% endif %}
            {% endfor %}
        from used
        group by period_code, period_level
    ),

    final as (
        select
            period_code,
            period_level,
            cast(people as bigint) as people,
            cast(used_1 as bigint) as people_used_1,
            cast(used_2 as bigint) as people_used_2,
            cast(used_3 as bigint) as people_used_3,
            cast(four_used as bigint) as people_used_4,
            cast(at_once_1 as bigint) as people_at_once_1,
            cast(at_once_2 as bigint) as people_at_once_2,
            cast(at_once_3 as bigint) as people_at_once_3,
            cast(four_at_once as bigint) as people_at_once_4,
            {{ share("services_used", "people") }} as services_mean,
            {% for part, name in [("four_used", "used_4"), ("four_at_once", "at_once_4")] %}
                {{ share(part, "people") }} as {{ name }}_share,
                {{ wilson(part, "people", "low") }} as {{ name }}_share_low,
                {{ wilson(part, "people", "high") }} as {{ name }}_share_high
                {%- if not loop.last %}, {% endif %}
            {% endfor %}
        from counted
    )

select *
from final
