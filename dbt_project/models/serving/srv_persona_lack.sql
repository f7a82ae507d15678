with
    lacks as (select * from {{ ref("stg_persona_lacks") }}),

    final as (select persona_id as persona, lack_no, lack from lacks)

select *
from final
order by persona, lack_no
