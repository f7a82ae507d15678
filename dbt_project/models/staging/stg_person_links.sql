with
    records as (select * from {{ source("linkage", "person_links") }}),

    final as (
        select
            feed,
            source_ref,
            person_key,
            link_method,
            cast(match_probability as double) as match_probability
        from records
    )

select *
from final
