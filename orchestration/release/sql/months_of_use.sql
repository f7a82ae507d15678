-- One row per unit (and service or theme, when asked for) with the number of months of the period in which it was used.
select
    {columns}
    uses.unit_no,
    bit_count(uses.months_used) as amount
from ({uses}) as uses
