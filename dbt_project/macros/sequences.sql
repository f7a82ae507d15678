{#- Sequences of states: one sign a state, and how mixed states are. -#}
{% macro state_sign(theme_index) -%}
    {#- One sign per theme, in the order of themes; - is a month without any service. -#}
    case
        when {{ theme_index }} is null
        then '-'
        else
            substr(
                'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
                cast({{ theme_index }} as int) + 1,
                1
            )
    end
{%- endmacro %}

{% macro entropy_term(part, whole) -%}
    {#- One state's part of Shannon's entropy, in natural logarithms as TraMineR has it; a state nobody is in adds none. -#}
    case
        when {{ part }} > 0
        then
            - (cast({{ part }} as double) / cast({{ whole }} as double))
            * ln(cast({{ part }} as double) / cast({{ whole }} as double))
        else 0.0
    end
{%- endmacro %}

{% macro of_most(entropy, states) -%}
    {#- Against the most that so many states allow: 0 all in one state, 1 spread evenly. -#}
    case when {{ states }} > 1 then {{ entropy }} / ln(cast({{ states }} as double)) else 0.0 end
{%- endmacro %}
