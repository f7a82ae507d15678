{#- How rows of the accepted store are told apart and dated. -#}
{% macro record_key(reference) -%}
    {#- A row's own key: feed and the partner's reference, or where it stood in the delivered file. -#}
    concat(
        feed,
        '/',
        coalesce(
            {{ reference }}, concat(delivery_id, '/', source_file, '/', cast(source_row as string))
        )
    )
{%- endmacro %}

{% macro month_number(day) -%}
    {#- Months since year 0, so that months subtract. -#}
    (year({{ day }}) * 12 + month({{ day }}) - 1)
{%- endmacro %}

{% macro date_or_null(value) -%}
    {%- if value is none -%} cast(null as date)
    {%- else -%} cast('{{ value }}' as date)
    {%- endif -%}
{%- endmacro %}

{% macro text_list(values) -%}
    ({% for value in values %}'{{ value }}'{% if not loop.last %}, {% endif %} {% endfor %})
{%- endmacro %}

{% macro most_agreed(relation, attribute) -%}
    {#-
    One row per person: the value that most feeds give; on a tie the newest, then the first in order.
    `value_count` above 1 means that sources conflict.
    -#}
    select person_key, {{ attribute }}, value_count
    from
        (
            select
                person_key,
                {{ attribute }},
                row_number() over (
                    partition by person_key
                    order by
                        feed_count desc nulls last,
                        newest desc nulls last,
                        {{ attribute }} nulls last
                ) as preference,
                count(*) over (partition by person_key) as value_count
            from
                (
                    select
                        person_key,
                        {{ attribute }},
                        count(distinct feed) as feed_count,
                        max(valid_from) as newest
                    from {{ relation }}
                    where {{ attribute }} is not null
                    group by person_key, {{ attribute }}
                ) as stated
        ) as preferred
    where preference = 1
{%- endmacro %}
