-- One row per person (and service, theme or month, when asked for) with the number of stays that began in the period.
select
    {columns}
    srv_episode.person_no as unit_no,
    sum(srv_episode.episodes)::bigint as amount
from serving.srv_episode as srv_episode
where $period_code in ('all', srv_episode.year_code, srv_episode.quarter_code, srv_episode.month_code)
group by all
