with
    uses as (select * from {{ ref("int_service_uses") }}),

    periods as (select * from {{ ref("stg_periods") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    hashed as (
        {{
            hashed_by_month(
                "uses",
                begins=["person_key", "service_id", "use_kind", "start_date"],
                ends=["person_key", "service_id", "start_date", "end_date", "is_open"],
            )
        }}
    ),

    final as (
        {{ month_digests("uses") }}
        union all
        {{ basis_digest("periods", "periods", ["period_code", "period_level", "month_mask"]) }}
        union all
        {{
            basis_digest(
                "observed", "observed", ["data_start_date", "data_end_date", "spell_gap_days"]
            )
        }}
    )

select *
from final
