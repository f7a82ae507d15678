-- One row per person and combination of what is asked of an event dated in the period, a month or longer.
select distinct
    {columns}
    {table}.person_no as unit_no
from serving.{table} as {table}
where $period_code in ('all', {table}.year_code, {table}.quarter_code, {table}.month_code)
