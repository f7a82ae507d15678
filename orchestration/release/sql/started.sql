-- One row per person and combination of what is asked of a stay that followed a referral of the period.
select distinct
    {columns}
    srv_referral.person_no as unit_no
from serving.srv_referral as srv_referral
where srv_referral.stay_ending <> 'not_started'
    and $period_code in ('all', srv_referral.year_code, srv_referral.quarter_code)
