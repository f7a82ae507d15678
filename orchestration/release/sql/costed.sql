-- One row per person (and who pays, when asked for) whose use in the period has a cost.
select distinct
    {columns}
    srv_cost.person_no as unit_no
from serving.srv_cost as srv_cost
where $period_code in ('all', srv_cost.year_code)
