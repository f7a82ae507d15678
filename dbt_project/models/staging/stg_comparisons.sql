with
    records as (select * from {{ source("area", "comparisons") }}),

    final as (
        select
            comparison_id,
            comparison_name,
            focus_cohort,
            other_cohort,
            outcome,
            cast(within_days as int) as within_days
        from records
    )

select *
from final
