{% test refers_to(model, columns, other, other_columns=none) %}
    {#- Every row's columns, where given, exist in the other model; compares several columns at once. -#}
    {%- set targets = other_columns or columns -%}
    with referring as (select * from {{ model }})  -- a name of its own: with `where`, dbt has given the model one

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
