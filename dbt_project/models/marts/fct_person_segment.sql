with
    people as (select * from {{ ref("int_person_patterns") }}),

    scores as (select * from {{ ref("int_segment_scores") }}),

    final as (
        select
            people.person_key,
            people.year_code,
            scores.segment_no,
            scores.segment_version,
            scores.probability
        from people
        inner join scores on people.pattern = scores.pattern
    )

select *
from final
