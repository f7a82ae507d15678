-- Monthly people by service, by hand: the least work that answers the product's first question from the same deliveries.
-- One row per service and month. `used` holds every row ever sent (feed, reference, sequence of its file, source_ref,
-- service, first_day, last_day), of which the newest of a reference counts; `links` names the person.
with
    months as (
        select cast(month_start as date) as month_start, last_day(month_start) as month_end
        from generate_series($first_day, $last_day, interval 1 month) as series (month_start)
    ),

    newest as (
        select feed, source_ref, service, first_day, last_day
        from used
        qualify row_number() over (partition by feed, reference order by sequence desc) = 1 or reference is null
    ),

    people as (
        select links.person_key, used.service, used.first_day, used.last_day
        from newest as used
        inner join links on links.feed = used.feed and links.source_ref = used.source_ref
    )

select people.service, months.month_start, count(distinct people.person_key) as people
from people
inner join months on people.first_day <= months.month_end and people.last_day >= months.month_start
group by people.service, months.month_start
order by people.service, months.month_start
