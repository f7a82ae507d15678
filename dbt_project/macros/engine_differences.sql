{#- The only place where DuckDB and Spark are told apart (docs/reference/warehouse.md, "Portable SQL"). -#}
{% macro days_between(earlier, later) -%}
    {{ return(adapter.dispatch("days_between")(earlier, later)) }}
{%- endmacro %}

{% macro default__days_between(earlier, later) -%}
    date_diff('day', {{ earlier }}, {{ later }})
{%- endmacro %}

{% macro spark__days_between(earlier, later) -%}
    datediff({{ later }}, {{ earlier }})
{%- endmacro %}

{% macro add_days(day, count) -%}
    {{ return(adapter.dispatch("add_days")(day, count)) }}
{%- endmacro %}

{% macro default__add_days(day, count) -%}
    cast({{ day }} + cast({{ count }} as int) as date)
{%- endmacro %}

{% macro spark__add_days(day, count) -%}
    date_add({{ day }}, cast({{ count }} as int))
{%- endmacro %}

{% macro record_key_type() -%} {{ return(adapter.dispatch("record_key_type")()) }} {%- endmacro %}

{% macro default__record_key_type() -%} ubigint {%- endmacro %}

{% macro spark__record_key_type() -%} decimal(20, 0) {%- endmacro %}
