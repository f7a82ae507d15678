-- One row per rule of a snapshot that may be published: its words and how many rows break it (0: holds).
select 'every person has one record key of their own' as rule, count(*) - count(distinct record_key) as broken
from snapshot.serving.srv_person
union all
select 'every household has one record key of its own', count(*) - count(distinct record_key)
from snapshot.serving.srv_household
union all
select 'person numbers are unique', count(*) - count(distinct person_no)
from snapshot.serving.srv_person
union all
select 'a person has one row a year', count(*) - count(distinct (person_no, year_code))
from snapshot.serving.srv_person_year
union all
select 'a person has one row a service', count(*) - count(distinct (person_no, service_id))
from snapshot.serving.srv_person_service
union all
select 'a person has one row a period', count(*) - count(distinct (person_no, period_code))
from snapshot.serving.srv_person_period
union all
select 'everyone who used a service is a person with attributes for the whole window', count(*)
from snapshot.serving.srv_person_service as uses
left join snapshot.serving.srv_person_year as person_year
    on uses.person_no = person_year.person_no and person_year.year_code = 'all'
where person_year.person_no is null
union all
select 'everyone who used a service in a reporting year has attributes for that year', count(*)
from snapshot.serving.srv_person_service as uses
inner join snapshot.serving.srv_period as years
    on years.period_level = 'year' and (uses.month_mask & years.month_mask) <> 0
left join snapshot.serving.srv_person_year as person_year
    on uses.person_no = person_year.person_no and person_year.year_code = years.period_code
where person_year.person_no is null
union all
select 'everyone who used a service in a period has a row for that period', count(*)
from snapshot.serving.srv_person_service as uses
inner join snapshot.serving.srv_period as periods on (uses.month_mask & periods.month_mask) <> 0
left join snapshot.serving.srv_person_period as person_period
    on uses.person_no = person_period.person_no and person_period.period_code = periods.period_code
where person_period.person_no is null
union all
select 'a use lies in at least one month', count(*)
from snapshot.serving.srv_person_service
where month_mask = 0
union all
select 'every service used is in the directory', count(*)
from snapshot.serving.srv_person_service as uses
left join snapshot.serving.srv_service as services on uses.service_id = services.service_id
where services.service_id is null
union all
select 'rows delivered are accepted, quarantined or superseded', count(*)
from snapshot.serving.srv_feed
where rows_delivered <> rows_accepted + rows_quarantined + rows_superseded
