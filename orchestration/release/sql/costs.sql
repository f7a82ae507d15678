-- One row per person (and service, theme or who pays, when asked for) with the pounds of the period; what goes beyond 99 in 100 of
-- the same service, theme or payer is cut off there, over everybody, so that no cell has a cut-off of its own.
select
    {names}
    amounts.unit_no,
    least(amounts.amount, quantile_disc(amounts.amount, 0.99) over ({apart}))::bigint as amount
from
    (
        select
            {columns}
            srv_cost.person_no as unit_no,
            sum(srv_cost.whole_gbp)::bigint as amount
        from serving.srv_cost as srv_cost
        where $period_code in ('all', srv_cost.year_code)
        group by all
    ) as amounts
