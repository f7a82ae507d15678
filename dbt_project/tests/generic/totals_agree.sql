{% test totals_agree(model, total, other, other_total) %}
    {#- An accounting identity between two models: the two totals are one figure. -#}
    select *
    from (select coalesce({{ total }}, 0) as total from {{ model }}) as this_one
    cross join (select coalesce({{ other_total }}, 0) as other_total from {{ other }}) as the_other
    where total <> other_total
{% endtest %}
