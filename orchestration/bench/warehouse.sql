-- The heaviest tables of the warehouse by hand, for the benchmark: from the rows in force under the variable 'home'.
set variable last_day = (select max(end_date) from read_parquet(getvariable('home') || '/accepted/area/periods.parquet'));
set variable first_day = (select min(start_date) from read_parquet(getvariable('home') || '/accepted/area/periods.parquet'));
create table periods as select period_code, period_level, start_date::date as start_date, end_date::date as end_date from read_parquet(getvariable('home') || '/accepted/area/periods.parquet');
create table services as select service_id, theme from read_parquet(getvariable('home') || '/accepted/area/services.parquet');
create table uses as
with links as (select feed, source_ref, person_key from read_parquet(getvariable('home') || '/linkage/person_links.parquet'))
select person_key, service_id, start_date,
    if(end_date <= getvariable('last_day'), end_date, greatest(start_date, getvariable('last_day'))) as end_date,
    coalesce(end_date > getvariable('last_day'), true) as is_open
from read_parquet(getvariable('home') || '/accepted/in_force/episode/*.parquet', union_by_name = true) join links using (feed, source_ref)
where service_id is not null and start_date <= getvariable('last_day') and coalesce(end_date >= start_date, true)
    and coalesce(status, '') not in ('declined', 'withdrawn')
union all
select person_key, service_id, contact_date, contact_date, false
from read_parquet(getvariable('home') || '/accepted/in_force/contact/*.parquet', union_by_name = true) join links using (feed, source_ref)
where service_id is not null and contact_date <= getvariable('last_day')
    and coalesce(attendance, '') not in ('did_not_attend', 'cancelled', 'cancelled_by_person', 'cancelled_by_service');
create table spells as
with marked as (
    select *, coalesce(start_date - max(end_date) over before > 5, true) as begins
    from uses
    window before as (partition by person_key, service_id order by start_date, end_date rows between unbounded preceding and 1 preceding)
), numbered as (
    select *, sum(begins::int) over (partition by person_key, service_id order by start_date, end_date rows unbounded preceding) as spell_no
    from marked
)
select person_key, service_id, spell_no, min(start_date) as start_date, max(end_date) as end_date, bool_or(is_open) as is_open
from numbered group by all;
create table used as
select distinct person_key, service_id,
    unnest(generate_series(date_trunc('month', greatest(start_date, getvariable('first_day'))), end_date, interval 1 month))::date as month
from spells where end_date >= getvariable('first_day');
create table ever as
select person_key, period_code, count(distinct service_id) as services_used
from used join periods on month between start_date and end_date
group by all;
create table at_once as
with changes as (
    select person_key, greatest(start_date, getvariable('first_day')) as day, 1 as change from spells where end_date >= getvariable('first_day')
    union all
    select person_key, end_date + 1, -1 from spells where end_date >= getvariable('first_day')
), daily as (select person_key, day, sum(change) as change from changes group by all),
levels as (
    select person_key, day as from_day, lead(day) over by_day - 1 as to_day, sum(change) over by_day as open
    from daily window by_day as (partition by person_key order by day)
)
select person_key, period_code, max(open) as services_at_once
from levels join periods on from_day <= periods.end_date and to_day >= periods.start_date
where open > 0
group by all;
create table person_period as
select person_key, period_code, services_used, services_at_once from ever left join at_once using (person_key, period_code);
create table services_used as
select period_code, count(*) as people, count(*) filter (services_used >= 4) as four_used, count(*) filter (services_at_once >= 4) as four_at_once
from person_period group by all;
create table co_use as
with of_year as (select distinct person_key, service_id, period_code from used join periods on month between start_date and end_date where period_level in ('year', 'all'))
select period_code, a.service_id as service_a, b.service_id as service_b, count(*) as users_of_both
from of_year a join of_year b using (period_code, person_key) where a.service_id < b.service_id group by all;
create table transitions as
with steps as (
    select *, lag(service_id) over w as from_service from spells
    window w as (partition by person_key order by start_date, end_date, service_id)
)
select person_key, coalesce(from_service, 'START') as from_service, service_id as to_service, start_date as transition_date
from steps where from_service is distinct from service_id;
create table system_spell as
with marked as (
    select *, coalesce(start_date - max(end_date) over before > 14, true) as begins
    from spells window before as (partition by person_key order by start_date, end_date, service_id rows between unbounded preceding and 1 preceding)
), numbered as (
    select *, sum(begins::int) over (partition by person_key order by start_date, end_date, service_id rows unbounded preceding) as no from marked
)
select person_key, no, min(start_date) as start_date, max(end_date) as end_date, bool_or(is_open) as is_open from numbered group by all;
create table exits as
select person_key, service_id, spell_no, end_date as exit_date, lead(start_date) over (partition by person_key, service_id order by start_date) - end_date as return_days, is_open
from spells;
create table returns as
select service_id, days, count(*) as exits, count(*) filter (return_days <= days) as returned
from exits, (values (30), (60), (90), (180), (365), (730)) as horizon (days)
where not is_open and exit_date >= getvariable('first_day') and getvariable('last_day') - exit_date >= days
group by all;
create table engagement as
with runs as (
    select *, lag(end_date) over w as last_end, coalesce(lag(is_open) over w, false) as unseen
    from system_spell window w as (partition by person_key order by no)
), entered as (
    select person_key, period_code, p.start_date as begins, arg_min(runs, no) as run
    from runs join periods p on runs.start_date <= p.end_date and runs.end_date >= p.start_date
    where period_level <> 'all'
    group by all
)
select person_key, period_code,
    case when run.start_date < begins then 'continuing' when run.unseen then 'unclear'
         when coalesce(run.start_date - run.last_end > 730, true) then 'new' else 'back' end as engagement
from entered;
create table flow as
select service_id, period_code,
    count(*) filter (s.start_date < p.start_date) as active_at_start,
    count(*) filter (s.start_date between p.start_date and p.end_date) as inflow,
    count(*) filter (s.end_date <= p.end_date and not is_open) as outflow
from spells s join periods p on s.start_date <= p.end_date and s.end_date >= p.start_date
where period_level = 'month'
group by all;
