with
    services as (select * from {{ ref("dim_service") }}),

    final as (
        select theme, theme_name, theme_index from services group by theme, theme_name, theme_index
    )

select *
from final
order by theme_index
