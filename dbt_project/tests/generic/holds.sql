{% test holds(model, condition) %}
    {#- An accounting identity within each row; an unknown answer is a failure. -#}
    select * from {{ model }} where not coalesce({{ condition }}, false)
{% endtest %}
