-- One row per unit, month of use (and service or theme, when asked for).
select
    {columns}
    uses.unit_no,
    months.period_code as month
from ({uses}) as uses
inner join serving.srv_period as months
    on months.period_level = 'month'
    and uses.months_used & months.month_mask <> 0
