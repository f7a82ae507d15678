{% test key(model, columns) %}
    {#- The model's grain: these columns are never null together with another row's, and never null. -#}
    select {{ columns | join(", ") }}, count(*) as row_count
    from {{ model }}
    group by {{ columns | join(", ") }}
    having count(*) > 1 {% for column in columns %} or {{ column }} is null {% endfor %}
{% endtest %}
