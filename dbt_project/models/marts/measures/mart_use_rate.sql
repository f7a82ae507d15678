with
    cells as (select * from {{ ref("fct_use_rate") }}),

    bands as (select * from {{ ref("int_age_bands") }}),

    grouped as (
        {% for kind, code in [
            ("area", "'all'"),
            ("msoa", "msoa_code"),
            ("deprivation", "deprivation"),
        ] %}
            select
                year_code,
                '{{ kind }}' as group_kind,
                {{ code }} as group_value,
                sex,
                age_band,
                sum(users) as users,
                sum(residents) as residents
            from cells
            group by year_code, {% if kind != "area" %} {{ code }}, {% endif %} sex, age_band
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    -- Half of each band's standard is of either sex. A stratum without residents has no rate: the
    -- standard is that of the strata that have one.
    weighted as (
        select
            grouped.*,
            case when residents > 0 then cast(bands.standard_persons as double) / 2 end as weight
        from grouped
        inner join bands on grouped.age_band = bands.age_band
    ),

    summed as (
        select
            year_code,
            group_kind,
            group_value,
            cast(sum(users) as bigint) as users,
            sum(residents) as residents,
            sum(weight * users / residents) / sum(weight) as standard_rate,
            sum(weight * weight * users / (residents * residents))
            / (sum(weight) * sum(weight)) as standard_variance
        from weighted
        where residents > 0
        group by year_code, group_kind, group_value
    ),

    -- Dobson, Kuulasmaa, Eberle and Scherer, Stat Med 1991;10:457-462: Byar's limits of the count,
    -- stretched to the variance of the standardised rate.
    limited as (
        select
            summed.*,
            {{ byar("users", "low") }} as users_low,
            {{ byar("users", "high") }} as users_high,
            sqrt(standard_variance / nullif(cast(users as double), 0)) as stretch
        from summed
    ),

    final as (
        select
            year_code,
            group_kind,
            group_value,
            users,
            residents,
            1000 * users / residents as crude_rate,
            1000 * users_low / residents as crude_rate_low,
            1000 * users_high / residents as crude_rate_high,
            1000 * standard_rate as standardised_rate,
            1000 * (standard_rate + stretch * (users_low - users)) as standardised_rate_low,
            1000 * (standard_rate + stretch * (users_high - users)) as standardised_rate_high
        from limited
    )

select *
from final
