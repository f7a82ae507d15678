with
    checks as (select * from {{ ref("stg_checks") }}),

    final as (
        select
            feed,
            check_id,
            {{ severest("severity") }} as severity,
            cast(sum(row_count) as bigint) as rows,
            cast(count(distinct delivery_id) as int) as deliveries
        from checks
        group by feed, check_id
    )

select *
from final
order by feed, check_id
