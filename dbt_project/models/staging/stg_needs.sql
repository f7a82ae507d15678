with
    records as (select * from {{ source("in_force", "need") }}),

    final as (
        select
            {{ record_key("need_ref") }} as need_key,
            feed,
            partner,
            source_ref,
            episode_ref,
            need_code,
            level,
            recorded_date
        from records
    )

select *
from final
