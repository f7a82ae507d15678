with
    -- European Standard Population 2013 (Eurostat, Revision of the European Standard Population),
    -- its
    -- five-year groups summed to our bands; a group that straddles two is shared out by year of
    -- age.
    final as (
        select '0-15' as age_band, 0 as band_from, 15 as band_to, 17100 as standard_persons
        union all
        select '16-24', 16, 24, 10400
        union all
        select '25-34', 25, 34, 12500
        union all
        select '35-44', 35, 44, 14000
        union all
        select '45-54', 45, 54, 14000
        union all
        select '55-64', 55, 64, 12500
        union all
        select '65-74', 65, 74, 10500
        union all
        select '75+', 75, 120, 9000
    )

select *
from final
