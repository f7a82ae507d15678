-- One row per person and move (or half of one, when only from or to is asked for) in the period.
select distinct
    {columns}
    srv_transition.person_no as unit_no
from serving.srv_transition as srv_transition
where $period_code in ('all', srv_transition.year_code, srv_transition.quarter_code)
