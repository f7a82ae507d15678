-- One row per person, what is asked of their needs, and theme used in the same period.
select distinct
    {columns}
    uses.theme,
    needs.unit_no
from ({needs}) as needs
inner join ({uses}) as uses on needs.unit_no = uses.unit_no
