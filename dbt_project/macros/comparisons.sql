{#-
Weighted figures of two cohorts and their variance.
Sandwich variance of a weighted mean, sum of w^2 (y - mean)^2 over (sum of w)^2. Of a share with weights of one it is
p (1 - p) / n, so that the risk ratio's interval is then Katz's (Katz D and others, Biometrics 1978;34:469-474).
-#}
{% macro compared_covariates() -%}
    {{ return(["sex", "age_band", "ethnic_group", "deprivation", "services_before"]) }}
{%- endmacro %}

{% macro weighted_variance(value) -%}
    {#- For a group by: of the weighted mean of `value` with weights `weight`. Empty groups have none. -#}
    (
        sum(weight * weight * {{ value }} * {{ value }})
        - 2 * (sum(weight * {{ value }}) / sum(weight)) * sum(weight * weight * {{ value }})
        + power(sum(weight * {{ value }}) / sum(weight), 2) * sum(weight * weight)
    )
    / power(sum(weight), 2)
{%- endmacro %}
