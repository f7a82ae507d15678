-- One row per person and ordered pair of different personas that the person was both in in the reporting year (or the whole window).
select
    {columns}
    srv_person.person_no as unit_no,
    srv_person.record_key
from serving.srv_person as srv_person
inner join serving.srv_person_year as srv_person_year
    on srv_person.person_no = srv_person_year.person_no
    and srv_person_year.year_code = $year_code
inner join serving.srv_persona_member as srv_persona_member
    on srv_person.person_no = srv_persona_member.person_no
    and srv_persona_member.year_code = $year_code
inner join serving.srv_persona_member as others
    on srv_person.person_no = others.person_no
    and others.year_code = $year_code
    and others.persona <> srv_persona_member.persona
