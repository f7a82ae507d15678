-- One row per person of the reporting year (or of the whole window), with the attributes asked for.
select
    {columns}
    srv_person.person_no as unit_no,
    srv_person.record_key
from serving.srv_person as srv_person
inner join serving.srv_person_year as srv_person_year
    on srv_person.person_no = srv_person_year.person_no
    and srv_person_year.year_code = $year_code
