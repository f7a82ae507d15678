with
    episodes as (
        select *
        from {{ ref("fct_episode") }}
        where use_status = 'used' and end_reason = 'found_work'
    ),

    spells as (select * from {{ ref("int_spells") }}),

    windows as (select * from {{ ref("int_service_windows") }}),

    months as (select * from {{ ref("int_months") }}),

    weeks as (
        {% for number in var("sustained_work_weeks") %}
            select {{ number }} as within_weeks
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    -- Back: another spell of the service that the person left for work.
    moves as (
        select
            episodes.person_key,
            episodes.service_id,
            episodes.end_date,
            months.year_code,
            {{ days_between("episodes.end_date", "windows.observed_to_date") }} as followed_days,
            {{ days_between("episodes.end_date", "min(spells.start_date)") }} as back_days
        from episodes
        inner join windows on episodes.service_id = windows.service_id
        inner join months on months.month_number = {{ month_number("episodes.end_date") }}
        left join
            spells
            on episodes.person_key = spells.person_key
            and episodes.service_id = spells.service_id
            and spells.start_date > episodes.end_date
        where episodes.end_date <= windows.observed_to_date
        group by
            episodes.person_key,
            episodes.service_id,
            episodes.end_date,
            months.year_code,
            windows.observed_to_date
    ),

    followed as (
        select
            moves.service_id,
            moves.year_code,
            weeks.within_weeks,
            case when moves.back_days <= 7 * weeks.within_weeks then 0 else 1 end as is_sustained
        from moves
        inner join weeks on moves.followed_days >= 7 * weeks.within_weeks
    ),

    spread as (
        {% for service in ["service_id", "'all'"] %}
            {% for year in ["year_code", "'all'"] %}
                select
                    {{ service }} as service_id, {{ year }} as year_code, within_weeks, is_sustained
                from followed
                {% if not loop.last %}
                    union all
                {% endif %}
            {% endfor %}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    counted as (
        select
            service_id, year_code, within_weeks, count(*) as moves, sum(is_sustained) as sustained
        from spread
        group by service_id, year_code, within_weeks
    ),

    final as (
        select
            service_id,
            year_code,
            cast(within_weeks as int) as within_weeks,
            cast(moves as bigint) as moves,
            cast(sustained as bigint) as sustained,
            {{ share("sustained", "moves") }} as sustained_share,
            {{ wilson("sustained", "moves", "low") }} as sustained_share_low,
            {{ wilson("sustained", "moves", "high") }} as sustained_share_high
        from counted
    )

select *
from final
