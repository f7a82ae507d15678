{% macro cadence_days(cadence) -%}
    case
        {{ cadence }}
        when 'daily'
        then 1
        when 'weekly'
        then 7
        when 'monthly'
        then 31
        when 'quarterly'
        then 92
        when 'yearly'
        then 366
    end
{%- endmacro %}

{% macro is_late(cadence, late_after_days, covered_to, today) -%}
    {#- Late: the next period's delivery is overdue. A feed that never came is late; one that comes once never is. -#}
    coalesce(
        case
            when {{ cadence }} = 'once'
            then {{ covered_to }} is null
            else
                {{ days_between(covered_to, today) }}
                > {{ cadence_days(cadence) }} + coalesce({{ late_after_days }}, 0)
        end,
        true
    )
{%- endmacro %}
