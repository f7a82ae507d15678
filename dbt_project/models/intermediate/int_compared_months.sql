with
    entered as (select * from {{ ref("int_cohorts_entered") }} where standing = 'compared'),

    own as (select * from {{ ref("int_cohort_services") }}),

    used as (select * from {{ ref("int_person_services") }}),

    months as (select * from {{ ref("int_months") }}),

    grid as (
        select
            entered.comparison_id,
            entered.person_key,
            entered.side,
            months.month_mask,
            months.month_index - entered.month_index as month_offset
        from entered
        inner join
            months
            on months.month_index
            between entered.month_index
            - {{ var("compared_months") }} and entered.month_index
            + {{ var("compared_months") }}
    ),

    -- The services that make the cohorts are left out: their use differs by construction.
    other_use as (
        select entered.comparison_id, entered.person_key, used.service_id, used.month_mask
        from entered
        inner join used on entered.person_key = used.person_key
        left join
            own on entered.comparison_id = own.comparison_id and used.service_id = own.service_id
        where own.service_id is null
    ),

    -- Counted apart: a left join on a mask compares every person with every other.
    counted as (
        select grid.comparison_id, grid.person_key, grid.month_offset, count(*) as services_used
        from grid
        inner join
            other_use
            on grid.comparison_id = other_use.comparison_id
            and grid.person_key = other_use.person_key
        where (grid.month_mask & other_use.month_mask) <> 0
        group by grid.comparison_id, grid.person_key, grid.month_offset
    ),

    final as (
        select
            grid.comparison_id,
            grid.person_key,
            grid.side,
            cast(grid.month_offset as int) as month_offset,
            cast(coalesce(counted.services_used, 0) as int) as services_used
        from grid
        left join
            counted
            on grid.comparison_id = counted.comparison_id
            and grid.person_key = counted.person_key
            and grid.month_offset = counted.month_offset
    )

select *
from final
