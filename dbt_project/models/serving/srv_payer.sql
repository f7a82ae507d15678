with
    unit_costs as (select * from {{ ref("stg_unit_costs") }} where cost_type = 'fiscal'),

    final as (select borne_by as payer from unit_costs group by borne_by)

select *
from final
order by payer
