with
    needs as (select * from {{ ref("stg_need_themes") }}),

    final as (select need_code as need, need_name, service_theme as theme from needs)

select *
from final
order by need, theme
