-- The amount that 99 in 100 facts do not exceed: contributions above it are cut off there, in every cell alike.
select coalesce(quantile_disc(facts.amount, 0.99), 0)::bigint
from ({facts}) as facts
