with
    records as (select * from {{ source("area", "persona_lacks") }}),

    final as (select persona_id, cast(lack_no as int) as lack_no, lack from records)

select *
from final
