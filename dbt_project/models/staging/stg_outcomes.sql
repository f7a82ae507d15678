with
    records as (select * from {{ source("in_force", "outcome") }}),

    final as (
        select
            {{ record_key("outcome_ref") }} as outcome_key,
            feed,
            partner,
            source_ref,
            episode_ref,
            outcome_code,
            outcome_value,
            recorded_date
        from records
    )

select *
from final
