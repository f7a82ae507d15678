with
    parameters as (select * from {{ ref("int_segment_parameters") }}),

    final as (
        select
            segment_no,
            segment_version,
            feature_kind,
            feature_code,
            feature_name,
            chance,
            overall_share,
            {{ share("chance", "overall_share") }} as lift
        from parameters
    )

select *
from final
