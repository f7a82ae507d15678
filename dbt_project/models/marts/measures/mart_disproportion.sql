with
    cells as (select * from {{ ref("fct_use_rate") }}),

    grouped as (
        {% for kind in ["sex", "age_band", "deprivation", "msoa"] %}
            {%- set code = "msoa_code" if kind == "msoa" else kind %}
            select
                year_code,
                '{{ kind }}' as group_kind,
                {{ code }} as group_value,
                sum(users) as users,
                sum(residents) as residents
            from cells
            group by year_code, {{ code }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    compared as (
        select
            grouped.*,
            sum(users) over (partition by year_code, group_kind) - users as other_users,
            sum(residents) over (partition by year_code, group_kind) - residents as other_residents
        from grouped
    ),

    -- Rate of the group against that of everyone else, with the interval of its logarithm.
    measured as (
        select
            compared.*,
            {{ share("users", "residents") }}
            / nullif({{ share("other_users", "other_residents") }}, 0) as rate_ratio,
            sqrt(
                1 / nullif(cast(users as double), 0) + 1 / nullif(cast(other_users as double), 0)
            ) as log_error
        from compared
        where residents > 0 and other_residents > 0
    ),

    final as (
        select
            year_code,
            group_kind,
            group_value,
            cast(users as bigint) as users,
            residents,
            cast(other_users as bigint) as other_users,
            other_residents,
            {{ share("users", "users + other_users") }} as users_share,
            {{ share("residents", "residents + other_residents") }} as residents_share,
            rate_ratio,
            rate_ratio * exp(-{{ normal_quantile("95") }} * log_error) as rate_ratio_low,
            rate_ratio * exp({{ normal_quantile("95") }} * log_error) as rate_ratio_high
        from measured
    )

select *
from final
