-- One row per household, with the attributes asked for.
select
    {columns}
    srv_household.household_no as unit_no,
    srv_household.record_key
from serving.srv_household as srv_household
