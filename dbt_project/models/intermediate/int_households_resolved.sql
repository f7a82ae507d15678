with
    links as (select * from {{ ref("stg_household_links") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    -- At the end of the data: the household that the person moved to last and has not left, else
    -- the last one known.
    ranked as (
        select
            links.person_key,
            links.household_key,
            row_number() over (
                partition by links.person_key
                order by
                    case
                        when coalesce(links.valid_to >= observed.data_end_date, true) then 0 else 1
                    end nulls last,
                    links.valid_from desc nulls last,
                    links.household_key nulls last
            ) as preference,
            links.valid_from,
            count(*) over (partition by links.person_key) as household_count
        from links
        cross join observed
        where
            links.person_key is not null
            and links.household_key is not null
            and links.valid_from <= observed.data_end_date
    ),

    final as (
        select
            person_key, household_key, valid_from, cast(household_count as int) as household_count
        from ranked
        where preference = 1
    )

select *
from final
