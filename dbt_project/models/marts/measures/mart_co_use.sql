with
    pairs as (select * from {{ ref("fct_co_use") }}),

    -- Haldane and Anscombe's half in each cell, so that an empty one has an odds ratio too.
    crossed as (
        select
            pairs.*,
            cast(users_of_both as double) + 0.5 as used_both,
            cast(users_of_a - users_of_both as double) + 0.5 as only_a,
            cast(users_of_b - users_of_both as double) + 0.5 as only_b,
            cast(population - users_of_a - users_of_b + users_of_both as double) + 0.5 as neither
        from pairs
    ),

    -- Woolf's variance of the logarithm of the odds ratio.
    logged as (
        select
            crossed.*,
            ln(used_both * neither / (only_a * only_b)) as log_odds_ratio,
            sqrt(1 / used_both + 1 / only_a + 1 / only_b + 1 / neither) as log_error
        from crossed
    ),

    tested as (
        select logged.*, {{ two_sided_p("log_odds_ratio / log_error") }} as p_value from logged
    ),

    ranked as (
        select
            tested.*,
            row_number() over (
                partition by period_code
                order by p_value nulls last, service_a nulls last, service_b nulls last
            ) as p_rank,
            count(*) over (partition by period_code) as tests
        from tested
    ),

    -- Benjamini and Hochberg: the least rate of false discoveries at which the pair is still one.
    controlled as (
        select
            ranked.*,
            min(least(1.0, p_value * tests / p_rank)) over (
                partition by period_code
                order by p_rank nulls last
                rows between current row and unbounded following
            ) as q_value
        from ranked
    ),

    final as (
        select
            period_code,
            service_a,
            service_b,
            users_of_a,
            users_of_b,
            users_of_both,
            population,
            is_of_residents,
            {{ share("users_of_both", "users_of_a") }} as b_given_a_share,
            {{ wilson("users_of_both", "users_of_a", "low") }} as b_given_a_share_low,
            {{ wilson("users_of_both", "users_of_a", "high") }} as b_given_a_share_high,
            {{ share("users_of_both", "users_of_b") }} as a_given_b_share,
            {{ wilson("users_of_both", "users_of_b", "low") }} as a_given_b_share_low,
            {{ wilson("users_of_both", "users_of_b", "high") }} as a_given_b_share_high,
            {{
                share(
                    "cast(users_of_both as double) * population",
                    "cast(users_of_a as double) * users_of_b",
                )
            }} as lift,
            {{ share("users_of_both", "users_of_a + users_of_b - users_of_both") }} as jaccard,
            exp(log_odds_ratio) as odds_ratio,
            exp(log_odds_ratio - {{ normal_quantile("95") }} * log_error) as odds_ratio_low,
            exp(log_odds_ratio + {{ normal_quantile("95") }} * log_error) as odds_ratio_high,
            p_value,
            q_value
        from controlled
    )

select *
from final
