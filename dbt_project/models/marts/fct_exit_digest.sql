with
    exits as (select * from {{ ref("fct_exit") }} where is_system_exit),

    hashed as (
        {{
            hashed_by_month(
                "exits",
                begins=["person_key", "exit_date"],
                ends=["person_key", "exit_date", "exit_kind"],
                first_day="exit_date",
                last_day="exit_date",
            )
        }}
    ),

    final as ({{ month_digests("exits") }})

select *
from final
