{#-
Shares, rates and their intervals, from counts alone: the release gate may put published counts in the same formulas.
Wilson EB, J Am Stat Assoc 1927;22:209-212. Byar in Breslow and Day, Statistical methods in cancer research II, 1987.
Funnel limits: Spiegelhalter DJ, Stat Med 2005;24:1185-1202; theirs is the score test that Wilson's interval inverts, so
a provider lies outside the limits exactly where its own interval leaves the target out.
-#}
{% macro normal_quantile(percent) -%}
    {{ {"95": "1.959963984540054", "99.8": "3.090232306167813"}[percent] }}
{%- endmacro %}

{% macro share(part, whole) -%}
    cast({{ part }} as double) / nullif(cast({{ whole }} as double), 0)
{%- endmacro %}

{% macro wilson(part, whole, side, percent="95") -%}
    {#- Interval of a share; empty where there is nothing to take a share of. -#}
    {%- set z = normal_quantile(percent) -%}
    case
        when {{ part }} = {{ "0" if side == "low" else whole }} and {{ whole }} > 0
        then {{ "0.0" if side == "low" else "1.0" }}
        when {{ whole }} > 0
        then
            (
                2 * cast({{ part }} as double)
                + {{ z }}
                * {{ z }} {{ "-" if side == "low" else "+" }} {{ z }}
                * sqrt(
                    {{ z }} * {{ z }}
                    + 4
                    * cast({{ part }} as double)
                    * (1 - cast({{ part }} as double) / cast({{ whole }} as double))
                )
            )
            / (2 * (cast({{ whole }} as double) + {{ z }} * {{ z }}))
    end
{%- endmacro %}

{% macro byar(count, side, percent="95") -%}
    {#- Interval of a count. Nothing lies below the lower limit of none. -#}
    {%- set z = normal_quantile(percent) -%}
    {%- if side == "low" -%}
        case
            when {{ count }} > 0
            then
                {{ count }} * power(
                    1 - 1 / (9 * cast({{ count }} as double)) - {{ z }} / (3 * sqrt({{ count }})), 3
                )
            else 0
        end
    {%- else -%}
        ({{ count }} + 1) * power(
            1 - 1 / (9 * (cast({{ count }} as double) + 1)) + {{ z }} / (3 * sqrt({{ count }} + 1)),
            3
        )
    {%- endif -%}
{%- endmacro %}

{% macro funnel_limit(target, whole, side, percent) -%}
    {#- Between 0 and 1: how far a provider of this size may lie from the target by chance. -#}
    {%- set spread -%}
        {{ normal_quantile(percent) }}
        * sqrt({{ target }} * (1 - {{ target }}) / nullif(cast({{ whole }} as double), 0))
    {%- endset -%}
    {%- if side == "low" -%} greatest(0.0, {{ target }} - {{ spread }})
    {%- else -%} least(1.0, {{ target }} + {{ spread }})
    {%- endif -%}
{%- endmacro %}

{% macro two_sided_p(z) -%}
    {#-
    Two-sided p of a standard normal value: the complementary error function by Chebyshev's fit of Press and others,
    Numerical recipes, 2nd edition, section 6.2 (relative error below 1.2e-7 everywhere); neither engine has one.
    -#}
    {%- set t -%} (1 / (1 + 0.5 * abs({{ z }}) / sqrt(2.0))) {%- endset -%}
    {%- set terms = [
        "-1.26551223",
        "1.00002368",
        "0.37409196",
        "0.09678418",
        "-0.18628806",
        "0.27886807",
        "-1.13520398",
        "1.48851587",
        "-0.82215223",
        "0.17087277",
    ] -%}
    least(
        1.0,
        {{ t }} * exp(
            - ({{ z }}) * ({{ z }}) / 2
            {% for term in terms %}
                + cast({{ term }} as double) * power({{ t }}, {{ loop.index0 }})
            {% endfor %}
        )
    )
{%- endmacro %}
