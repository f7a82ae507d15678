with
    funnel as (select * from {{ ref("mart_funnel") }}),

    services as (select * from {{ ref("int_services") }}),

    returns as (
        select service_id, exits, returned
        from {{ ref("mart_return") }}
        where
            return_to = 'same_service'
            and service_id <> 'all'
            and exit_kind = 'all'
            and within_days = 90
    ),

    indicated as (
        select
            case stage when 'start' then 'started' else 'completed' end as indicator,
            service_id,
            sum(reached) as cases,
            sum(settled) as total
        from funnel
        group by stage, service_id
        union all
        select
            'dropped_out' as indicator, service_id, sum(dropped_out) as cases, sum(settled) as total
        from funnel
        where stage = 'completion'
        group by service_id
        union all
        select 'returned_90_days' as indicator, service_id, returned as cases, exits as total
        from returns
    ),

    placed as (
        select
            indicated.indicator,
            services.theme,
            services.organization_id,
            indicated.service_id,
            cast(indicated.cases as bigint) as cases,
            cast(indicated.total as bigint) as total,
            {{
                share(
                    "sum(indicated.cases) over (partition by indicated.indicator, services.theme)",
                    "sum(indicated.total) over (partition by indicated.indicator, services.theme)",
                )
            }} as target_share,
            cast(
                count(*) over (partition by indicated.indicator, services.theme) as int
            ) as compared_services
        from indicated
        inner join services on indicated.service_id = services.service_id
        where indicated.total > 0
    ),

    limited as (
        select
            placed.*,
            {{ share("cases", "total") }} as observed_share,
            {% for percent, name in [("95", "95"), ("99.8", "998")] %}
                {{ funnel_limit("target_share", "total", "low", percent) }} as low_{{ name }},
                {{ funnel_limit("target_share", "total", "high", percent) }} as high_{{ name }}
                {%- if not loop.last %}, {% endif %}
            {% endfor %}
        from placed
    ),

    final as (
        select
            limited.*,
            case
                when observed_share < low_998
                then 'below_998'
                when observed_share > high_998
                then 'above_998'
                when observed_share < low_95
                then 'below_95'
                when observed_share > high_95
                then 'above_95'
                else 'within'
            end as position
        from limited
    )

select *
from final
