-- One row per person who used anything in the period, with the set of themes as a mask.
select
    {columns}
    srv_person_period.person_no as unit_no
from serving.srv_person_period as srv_person_period
where srv_person_period.period_code = $period_code
