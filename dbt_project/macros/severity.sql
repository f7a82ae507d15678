{% macro severest(severity) -%}
    {#- The gravest of several severities of one check. -#}
    case
        min(
            case
                {{ severity }}
                when 'refuse_delivery'
                then 1
                when 'refuse_row'
                then 2
                when 'warning'
                then 3
                else 4
            end
        )
        when 1
        then 'refuse_delivery'
        when 2
        then 'refuse_row'
        when 3
        then 'warning'
        else 'information'
    end
{%- endmacro %}
