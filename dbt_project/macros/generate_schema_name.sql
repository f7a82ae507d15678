{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- Layers are schemas named as such: staging, intermediate, marts, serving. -#}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
