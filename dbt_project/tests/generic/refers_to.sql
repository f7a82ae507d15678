{% test refers_to(model, columns, other, other_columns=none) %}
    {#- Every row's columns, where given, exist in the other model; compares several columns at once. -#}
    {%- set targets = other_columns or columns -%}
    with referring as (select * from {{ model }})  -- a test with `where` has an alias of dbt's own

    select referring.*
    from referring
    left join
        {{ other }} as referred
        on {% for column in columns -%}
            referring.{{ column }} = referred.{{ targets[loop.index0] }}
            {%- if not loop.last %} and {% endif %}
        {%- endfor %}
    where
        referred.{{ targets[0] }} is null
        {% for column in columns %} and referring.{{ column }} is not null {% endfor %}
{% endtest %}
