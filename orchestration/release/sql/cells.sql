-- One row per cell: how many units it holds and the key that their record keys make together. Grain of `facts`: one row per unit and
-- combination of the fact dimensions asked for, so that count(*) counts different units.
with
    population as ({population}),
    facts as ({facts})
select
    {columns}
    count(*) as units,
    {cell_key} as cell_key
from facts
inner join population on facts.unit_no = population.unit_no
group by all
