{#- Rules of personas (orchestration/area/personas.py writes them as rows). -#}
{% macro sequence_steps() -%}
    {#- The longest sequence that the grammar allows. -#}
    {{ return(4) }}
{%- endmacro %}
