{#-
Interval of a change in a share of the same people: Bonett and Price's adjusted Wald interval of a paired difference
(J Educ Behav Stat 2012;37:479-488), one more of either switch, so that few switches give no interval without width.
-#}
{% macro paired_limit(lost, gained, people, side) -%}
    {%- set whole -%} (cast({{ people }} as double) + 2) {%- endset -%}
    {%- set change -%} (({{ gained }} - {{ lost }}) / {{ whole }}) {%- endset -%}
    {%- set error -%}
        sqrt((({{ gained }} + {{ lost }} + 2) / {{ whole }} - {{ change }} * {{ change }}) / {{ whole }})
    {%- endset -%}
    {%- if side == "low" -%}
        greatest(-1.0, {{ change }} - {{ normal_quantile("95") }} * {{ error }})
    {%- else -%} least(1.0, {{ change }} + {{ normal_quantile("95") }} * {{ error }})
    {%- endif -%}
{%- endmacro %}
