-- One row per cell: how many units it holds and the XOR of their record keys. Grain of `facts`: one row per unit and
-- combination of the fact dimensions asked for, so that count(*) counts different units.
with
    population as ({population}),
    facts as ({facts})
select
    {columns}
    count(*) as units,
    bit_xor(population.record_key) as cell_key
from facts
inner join population on facts.unit_no = population.unit_no
group by all
