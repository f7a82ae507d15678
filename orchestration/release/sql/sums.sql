-- One row per cell: how many units it holds, their key, and of their amounts (none above $largest) the sum and the two largest.
-- Grain of `facts`: one row per unit and combination of the fact dimensions asked for.
with
    population as ({population}),
    facts as ({facts})
select
    {columns}
    count(*) as units,
    {cell_key} as cell_key,
    sum(least(facts.amount, $largest))::bigint as amount,
    max(least(facts.amount, $largest), 2) as largest_two
from facts
inner join population on facts.unit_no = population.unit_no
group by all
