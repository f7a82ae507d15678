-- One row per person whose first use falls in the period.
select distinct
    {columns}
    srv_journey.person_no as unit_no
from serving.srv_journey as srv_journey
where $period_code in ('all', srv_journey.year_code)
