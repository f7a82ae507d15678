with
    areas as (select * from {{ ref("dim_area") }}),

    final as (
        select
            msoa_code as area_code,
            max(msoa_name) as area_name,
            'msoa' as level,
            max(lad_code) as parent_code,
            cast(sum(population) as bigint) as population
        from areas
        where msoa_code is not null
        group by msoa_code
        union all
        select
            lad_code as area_code,
            max(lad_name) as area_name,
            'lad' as level,
            cast(null as string) as parent_code,
            cast(sum(population) as bigint) as population
        from areas
        where lad_code is not null
        group by lad_code
    )

select *
from final
order by level, area_code
