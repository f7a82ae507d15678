with
    spells as (select * from {{ ref("int_spells") }} where month_mask <> 0),

    services as (select * from {{ ref("int_services") }}),

    months as (select * from {{ ref("int_months") }}),

    followups as (select * from {{ ref("int_followups") }} where months_followed > 0),

    -- The order of steps: of the services of one month, that of the last step is the state.
    ranked as (
        select
            spells.person_key,
            spells.month_mask,
            services.theme_index,
            services.theme_bit,
            row_number() over (
                partition by spells.person_key
                order by
                    spells.start_date nulls last,
                    spells.end_date nulls last,
                    spells.service_id nulls last
            ) as spell_order
        from spells
        inner join services on spells.service_id = services.service_id
    ),

    -- Order and theme in one number (a mask holds 63 themes at most), so that no row per service
    -- need be sorted.
    used as (
        select
            ranked.person_key,
            months.month_number,
            max(ranked.spell_order * 64 + ranked.theme_index) as last_of_month,
            cast(bit_or(ranked.theme_bit) as bigint) as theme_mask
        from ranked
        inner join months on (ranked.month_mask & months.month_mask) <> 0
        group by ranked.person_key, months.month_number
    ),

    final as (
        select
            used.person_key,
            followups.entry_theme,
            cast(used.month_number - followups.entry_month_number as int) as months_since_entry,
            cast(used.last_of_month % 64 as int) as theme_index,
            (used.theme_mask & (used.theme_mask - 1)) <> 0 as has_several_themes
        from used
        inner join followups on used.person_key = followups.person_key
        where
            used.month_number >= followups.entry_month_number
            and used.month_number <= followups.last_month_number
    )

select *
from final
