with
    risk_sets as (select * from {{ ref("fct_risk_set") }}),

    -- Each factor of Kaplan and Meier, and of being free of any ending; a factor of nought has no
    -- logarithm, and from then on the product is nought.
    factors as (
        select
            risk_sets.*,
            case
                when events < at_risk then ln(1 - {{ share("events", "at_risk") }}) else 0
            end as log_factor,
            case when events = at_risk then 1 else 0 end as is_last,
            case
                when events + competing < at_risk
                then ln(1 - {{ share("events + competing", "at_risk") }})
                else 0
            end as log_free,
            case when events + competing = at_risk then 1 else 0 end as is_last_free,
            case
                when events < at_risk
                then cast(events as double) / (cast(at_risk as double) * (at_risk - events))
                else 0
            end as greenwood
        from risk_sets
    ),

    multiplied as (
        select
            factors.*,
            {% for figure, name in [
                ("log_factor", "log_survival"),
                ("is_last", "ended"),
                ("log_free", "log_event_free"),
                ("is_last_free", "ended_free"),
                ("greenwood", "variance"),
            ] %}
                sum({{ figure }}) over (
                    partition by clock, scope, scope_code
                    order by day nulls last
                    rows between unbounded preceding and current row
                ) as {{ name }}
                {%- if not loop.last %}, {% endif %}
            {% endfor %}
        from factors
    ),

    survived as (
        select
            multiplied.*,
            case when ended > 0 then 0 else exp(log_survival) end as survival,
            case when ended_free > 0 then 0 else exp(log_event_free) end as event_free
        from multiplied
    ),

    -- Aalen and Johansen: free of any ending until the day, times the day's hazard of this one.
    stepped as (
        select
            survived.*,
            coalesce(
                lag(event_free) over (
                    partition by clock, scope, scope_code order by day nulls last
                ),
                1
            ) as event_free_before,
            sqrt(variance) / nullif(- log_survival, 0) as spread
        from survived
    ),

    final as (
        select
            clock,
            scope,
            scope_code,
            day,
            at_risk,
            events,
            competing,
            censored,
            survival,
            {% for side, sign in [("low", ""), ("high", "-")] %}
                case
                    when ended > 0
                    then null
                    when log_survival = 0
                    then 1
                    else power(survival, exp({{ sign }}{{ normal_quantile("95") }} * spread))
                end as survival_{{ side }},
            {% endfor %}
            event_free,
            {% for figure, name in [
                ("events", "incidence"),
                ("competing", "competing_incidence"),
            ] %}
                sum(event_free_before * {{ share(figure, "at_risk") }}) over (
                    partition by clock, scope, scope_code
                    order by day nulls last
                    rows between unbounded preceding and current row
                ) as {{ name }}
                {%- if not loop.last %}, {% endif %}
            {% endfor %}
        from stepped
    )

select *
from final
