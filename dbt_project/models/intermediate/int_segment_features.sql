with
    services as (select * from {{ ref("int_services") }}),

    needs as (select * from {{ ref("stg_need_themes") }}),

    named as (
        select 'theme' as feature_kind, theme as feature_code, max(theme_name) as feature_name
        from services
        group by theme
        union all
        select 'need' as feature_kind, need_code as feature_code, max(need_name) as feature_name
        from needs
        group by need_code
    ),

    numbered as (
        select
            named.*,
            row_number() over (order by feature_kind desc nulls last, feature_code nulls last)
            - 1 as feature_no
        from named
    ),

    -- A pattern is one whole number of 62 bits.
    final as (
        select
            feature_kind,
            feature_code,
            feature_name,
            cast(feature_no as int) as feature_no,
            cast(power(2, feature_no) as bigint) as feature_bit
        from numbered
        where feature_no < 62
    )

select *
from final
