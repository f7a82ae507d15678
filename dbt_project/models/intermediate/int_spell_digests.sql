with
    spells as (select * from {{ ref("int_spells") }}),

    services as (select * from {{ ref("int_services") }}),

    periods as (select * from {{ ref("stg_periods") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    hashed as (
        {{
            hashed_by_month(
                "spells",
                begins=["person_key", "service_id", "start_date"],
                ends=[
                    "person_key",
                    "service_id",
                    "start_date",
                    "end_date",
                    "is_open",
                    "month_mask",
                ],
            )
        }}
    ),

    final as (
        {{ month_digests("spells") }}
        union all
        {{ basis_digest("services", "services", ["service_id", "theme_bit"]) }}
        union all
        {{ basis_digest("periods", "periods", ["period_code", "period_level", "month_mask"]) }}
        union all
        {{
            basis_digest(
                "observed",
                "observed",
                ["data_start_date", "data_end_date", "system_exit_days", "return_lookback_days"],
            )
        }}
    )

select *
from final
