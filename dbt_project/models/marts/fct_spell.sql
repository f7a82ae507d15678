with
    spells as (select * from {{ ref("int_spells") }}),

    services as (select * from {{ ref("int_services") }}),

    final as (
        select
            spells.person_key,
            spells.service_id,
            spells.spell_no,
            services.theme,
            spells.start_date,
            spells.end_date,
            spells.is_open,
            spells.is_left_truncated,
            spells.is_contact_only,
            spells.use_count,
            spells.episode_count,
            spells.spell_days,
            spells.month_mask
        from spells
        inner join services on spells.service_id = services.service_id
    )

select *
from final
