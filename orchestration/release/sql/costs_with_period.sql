-- One row per fact of `costed`, with the person's figures of the period.
select
    {columns}
    costed.unit_no
    {amount}
from ({costed}) as costed
inner join serving.srv_person_period as srv_person_period
    on costed.unit_no = srv_person_period.person_no
    and srv_person_period.period_code = $period_code
