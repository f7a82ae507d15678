{#- The fixed, nested categories that are served; the release gate knows no others. -#}
{% macro age_in_years(birth_month, day) -%}
    {#- Whole years on `day`, taking the first of the birth month as the birthday: only the month is held. -#}
    cast(floor(({{ month_number(day) }} - {{ month_number(birth_month) }}) / 12) as int)
{%- endmacro %}

{% macro age_band(age) -%}
    case
        when {{ age }} is null or {{ age }} > 120 or {{ age }} < -1
        then 'unknown'
        when {{ age }} <= 15
        then '0-15'
        when {{ age }} <= 24
        then '16-24'
        when {{ age }} <= 34
        then '25-34'
        when {{ age }} <= 44
        then '35-44'
        when {{ age }} <= 54
        then '45-54'
        when {{ age }} <= 64
        then '55-64'
        when {{ age }} <= 74
        then '65-74'
        else '75+'
    end
{%- endmacro %}

{% macro age_group(band) -%}
    case
        when {{ band }} in ('0-15', '16-24', 'unknown')
        then {{ band }}
        when {{ band }} in ('65-74', '75+')
        then '65+'
        else '25-64'
    end
{%- endmacro %}

{% macro how_many(count) -%}
    case when {{ count }} >= 4 then '4+' else cast({{ count }} as string) end
{%- endmacro %}

{% macro deprivation(quintile) -%}
    {#- 1 = most deprived. -#}
    case when {{ quintile }} between 1 and 5 then cast({{ quintile }} as string) else 'unknown' end
{%- endmacro %}

{% macro weeks_band(days) -%}
    {#- Whole weeks, in bands whose edges are the NHS's 4, 18 and 52 weeks of waiting. -#}
    case
        when {{ days }} < 28
        then '0-3'
        when {{ days }} < 84
        then '4-11'
        when {{ days }} < 126
        then '12-17'
        when {{ days }} < 182
        then '18-25'
        when {{ days }} < 364
        then '26-51'
        when {{ days }} < 728
        then '52-103'
        else '104+'
    end
{%- endmacro %}

{% macro wait_band(ending, days) -%}
    {#- 28 days is the standard of community mental health, 126 (18 weeks) that of hospitals. -#}
    case
        when {{ ending }} <> 'started'
        then {{ ending }}
        when {{ days }} <= 7
        then '0-7'
        when {{ days }} <= 28
        then '8-28'
        when {{ days }} <= 56
        then '29-56'
        when {{ days }} <= 126
        then '57-126'
        else '127+'
    end
{%- endmacro %}

{% macro return_band(days) -%}
    case
        when {{ days }} is null or {{ days }} > 730
        then 'not_returned'
        when {{ days }} <= 90
        then '0-90'
        when {{ days }} <= 180
        then '91-180'
        when {{ days }} <= 365
        then '181-365'
        else '366-730'
    end
{%- endmacro %}
