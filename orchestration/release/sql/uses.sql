-- One row per unit (and service or theme, when asked for) with the months of the period in which it was used.
select
    {columns}
    {unit_no} as unit_no,
    bit_or(month_mask) & $month_mask as months_used
from {table}
where month_mask & $month_mask <> 0
group by all
