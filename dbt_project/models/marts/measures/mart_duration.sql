with
    curves as (select * from {{ ref("mart_survival") }}),

    -- The first day on which the curve is at or below; a rounding error must not cost a day.
    read_off as (
        select
            clock,
            scope,
            scope_code,
            cast(sum(events + competing + censored) as bigint) as cases,
            cast(sum(events) as bigint) as events,
            cast(sum(competing) as bigint) as competing,
            cast(sum(censored) as bigint) as censored,
            {% for name, curve, level in [
                ("quarter_days", "survival", "0.75"),
                ("median_days", "survival", "0.5"),
                ("median_days_low", "survival_low", "0.5"),
                ("median_days_high", "survival_high", "0.5"),
                ("three_quarter_days", "survival", "0.25"),
                ("nine_tenth_days", "survival", "0.1"),
            ] %}
                min(day) filter (where {{ curve }} <= {{ level }} + 0.000000001) as {{ name }},
            {% endfor %}
            min(day) filter (where incidence >= 0.5 - 0.000000001) as incidence_median_days,
            {% for days in var("incidence_at_days") %}
                max(incidence) filter (where day <= {{ days }}) as incidence_{{ days }},
            {% endfor %}
            max(day) as last_day
        from curves
        group by clock, scope, scope_code
    ),

    final as (
        select
            clock,
            scope,
            scope_code,
            cases,
            events,
            competing,
            censored,
            quarter_days,
            median_days,
            median_days_low,
            median_days_high,
            three_quarter_days,
            nine_tenth_days,
            incidence_median_days,
            {% for days in var("incidence_at_days") %}
                case
                    when last_day >= {{ days }} or cases = events + competing
                    then coalesce(incidence_{{ days }}, 0)
                end as incidence_{{ days }}
                {%- if not loop.last %}, {% endif %}
            {% endfor %}
        from read_off
    )

select *
from final
