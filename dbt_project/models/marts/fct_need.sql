with
    needs as (select * from {{ ref("int_needs_met") }}),

    final as (
        select
            need_key,
            feed,
            person_key,
            need_code,
            level,
            recorded_date,
            met_date,
            cast({{ days_between("recorded_date", "met_date") }} as int) as days_to_met,
            is_met,
            has_matching_service,
            has_full_followup
        from needs
    )

select *
from final
