-- One row per unit (and service or theme, when asked for) with the number of unbroken runs of months of use in the period.
select
    {columns}
    uses.unit_no,
    bit_count(uses.months_used & ~(uses.months_used << 1)) as amount
from ({uses}) as uses
