with
    parameters as (select * from {{ ref("int_segment_parameters") }}),

    -- Where no agreement permits any data there are no segments, though the model that was fitted
    -- is remembered.
    segments as (select distinct segment_no from {{ ref("mart_segment") }}),

    final as (
        select
            parameters.segment_no,
            parameters.segment_version,
            parameters.feature_kind,
            parameters.feature_code,
            parameters.feature_name,
            parameters.chance,
            parameters.overall_share,
            {{ share("parameters.chance", "parameters.overall_share") }} as lift
        from parameters
        inner join segments on parameters.segment_no = segments.segment_no
    )

select *
from final
