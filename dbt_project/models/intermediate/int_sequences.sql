with
    sequences as (select * from {{ ref("int_person_sequences") }}),

    final as (select sequence, cast(count(*) as bigint) as people from sequences group by sequence)

select *
from final
