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

{% macro in_order(value, place, between) -%}
    {#- The texts of a group in one, in the order of `place` (unique in the group). -#}
    {{ return(adapter.dispatch("in_order")(value, place, between)) }}
{%- endmacro %}

{% macro default__in_order(value, place, between) -%}
    string_agg({{ value }}, '{{ between }}' order by {{ place }})
{%- endmacro %}

{% macro spark__in_order(value, place, between) -%}
    array_join(
        transform(array_sort(collect_list(struct({{ place }}, {{ value }}))), pair -> pair.col2),
        '{{ between }}'
    )
{%- endmacro %}

{% macro row_hash(columns) -%}
    {#- 64 bits of a row's columns, missing values among them. -#}
    {{ return(adapter.dispatch("row_hash")(columns)) }}
{%- endmacro %}

{% macro default__row_hash(columns) -%} hash({{ columns | join(", ") }}) {%- endmacro %}

{% macro spark__row_hash(columns) -%}
    {#- A missing value leaves Spark's hash as it was, so it is written out. -#}
    xxhash64(
        {% for column in columns %}
            coalesce(cast({{ column }} as string), '~'){% if not loop.last %}, {% endif %}
        {% endfor %}
    )
{%- endmacro %}
