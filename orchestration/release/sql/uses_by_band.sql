-- One row per unit and service or theme, with the number of months of the period in which it was used, in fixed bands.
select
    {columns}
    uses.unit_no,
    case
        when bit_count(uses.months_used) = 1 then '1'
        when bit_count(uses.months_used) <= 3 then '2-3'
        when bit_count(uses.months_used) <= 6 then '4-6'
        when bit_count(uses.months_used) <= 12 then '7-12'
        else '13+'
    end as months_used
from ({uses}) as uses
