-- One row per fact of `uses`, with the person's figures of the period.
select
    {columns}
    uses.unit_no
from ({uses}) as uses
inner join serving.srv_person_period as srv_person_period
    on uses.unit_no = srv_person_period.person_no
    and srv_person_period.period_code = $period_code
