{#- The same rule as orchestration/feeds/arrivals.py, which speaks before a delivery is read; a test compares them. -#}
{% macro period_end(period) -%}
    {#- Last day of a delivery's period: YYYY-MM, YYYY-Qn or YYYY. -#}
    case
        when {{ period }} like '____-Q_'
        then
            last_day(
                make_date(
                    try_cast(substr({{ period }}, 1, 4) as int),
                    try_cast(substr({{ period }}, 7, 1) as int) * 3,
                    1
                )
            )
        when {{ period }} like '____-__'
        then last_day(try_cast(concat({{ period }}, '-01') as date))
        when {{ period }} like '____'
        then try_cast(concat({{ period }}, '-12-31') as date)
    end
{%- endmacro %}

{% macro end_of_later_month(day, months) -%}
    last_day(cast(date_trunc('month', {{ day }}) + interval '{{ months }}' month as date))
{%- endmacro %}

{% macro next_end(cadence, covered_to) -%}
    {#- Last day that the next delivery will cover. -#}
    case
        {{ cadence }}
        when 'daily'
        then {{ add_days(covered_to, 1) }}
        when 'weekly'
        then {{ add_days(covered_to, 7) }}
        when 'monthly'
        then {{ end_of_later_month(covered_to, 1) }}
        when 'quarterly'
        then {{ end_of_later_month(covered_to, 3) }}
        when 'yearly'
        then {{ end_of_later_month(covered_to, 12) }}
    end
{%- endmacro %}

{% macro is_late(cadence, late_after_days, covered_to, today) -%}
    {#- Late: the delivery after the newest is overdue. A feed that never came is late; one that comes once never is again. -#}
    case
        when {{ covered_to }} is null
        then true
        when {{ cadence }} = 'once'
        then false
        else
            coalesce(
                {{ days_between(next_end(cadence, covered_to), today) }}
                > coalesce({{ late_after_days }}, 0),
                false
            )
    end
{%- endmacro %}
