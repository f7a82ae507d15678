with
    system_spells as (select * from {{ ref("int_system_spells") }}),

    hashed as (
        {{
            hashed_by_month(
                "system_spells",
                begins=["person_key", "start_date"],
                ends=["person_key", "start_date", "end_date", "is_open"],
            )
        }}
    ),

    final as ({{ month_digests("system_spells") }})

select *
from final
