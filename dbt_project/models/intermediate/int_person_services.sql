with
    spells as (select * from {{ ref("int_spells") }}),

    services as (select * from {{ ref("int_services") }}),

    used as (
        select
            person_key,
            service_id,
            cast(bit_or(month_mask) as bigint) as month_mask,
            cast(count(*) as int) as spell_count
        from spells
        where month_mask <> 0
        group by person_key, service_id
    ),

    final as (
        select
            used.person_key,
            used.service_id,
            services.theme,
            services.theme_bit,
            used.month_mask,
            used.spell_count
        from used
        inner join services on used.service_id = services.service_id
    )

select *
from final
