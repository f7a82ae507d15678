with
    patterns as (select pattern from {{ ref("int_segment_patterns") }} group by pattern),

    parameters as (select * from {{ ref("int_segment_parameters") }}),

    -- A chance of nought or one would make a pattern impossible; the fit bounds it likewise.
    bounded as (
        select
            segment_no,
            segment_version,
            segment_share,
            feature_bit,
            greatest(least(chance, 1 - 0.000000000001), 0.000000000001) as chance
        from parameters
    ),

    fitted as (
        select
            patterns.pattern,
            bounded.segment_no,
            bounded.segment_version,
            max(ln(bounded.segment_share)) + sum(
                case
                    when (patterns.pattern & bounded.feature_bit) <> 0
                    then ln(bounded.chance)
                    else ln(1 - bounded.chance)
                end
            ) as log_fit
        from patterns
        cross join bounded
        group by patterns.pattern, bounded.segment_no, bounded.segment_version
    ),

    compared as (
        select
            fitted.*,
            max(log_fit) over (partition by pattern) as best_log_fit,
            row_number() over (
                partition by pattern order by log_fit desc nulls last, segment_no nulls last
            ) as preference
        from fitted
    ),

    summed as (
        select compared.*, sum(exp(log_fit - best_log_fit)) over (partition by pattern) as total
        from compared
    ),

    final as (
        select pattern, segment_no, segment_version, round(1 / total, 9) as probability
        from summed
        where preference = 1
    )

select *
from final
