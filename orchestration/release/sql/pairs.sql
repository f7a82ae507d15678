-- One row per person and ordered pair of different services (or themes), both used in the period.
select
    one.unit_no,
    one.code as {column_a},
    other.code as {column_b}
from ({uses}) as one
inner join ({uses}) as other
    on one.unit_no = other.unit_no
    and one.code <> other.code
