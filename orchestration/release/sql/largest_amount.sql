-- The amount that the given share of facts do not exceed: contributions above it are cut off there, in every cell alike.
select coalesce(quantile_disc(facts.amount, {share}), 0)::bigint
from ({facts}) as facts
