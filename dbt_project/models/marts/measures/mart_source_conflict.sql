with
    records as (select * from {{ ref("int_person_records") }}),

    resolved as (select * from {{ ref("int_people_resolved") }}),

    used as (select * from {{ ref("fct_person_period") }} where period_level in ('year', 'all')),

    -- Only who is known to two feeds or more can be told apart by them.
    sources as (
        select
            person_key,
            count(distinct case when sex is not null then feed end) as sex_feeds,
            count(distinct case when birth_month is not null then feed end) as birth_month_feeds,
            count(distinct case when ethnicity_code is not null then feed end) as ethnicity_feeds,
            count(distinct case when lsoa_code is not null then feed end) as area_feeds
        from records
        group by person_key
    ),

    compared as (
        {% for attribute in ["sex", "birth_month", "ethnicity", "area"] %}
            select
                resolved.year_code,
                '{{ attribute }}' as attribute,
                count(*) as people,
                sum(
                    case when sources.{{ attribute }}_feeds > 1 then 1 else 0 end
                ) as people_compared,
                sum(
                    case
                        when
                            sources.{{ attribute }}_feeds > 1
                            and resolved.has_{{ attribute }}_conflict
                        then 1
                        else 0
                    end
                ) as people_in_conflict
            from used
            inner join
                resolved
                on used.person_key = resolved.person_key
                and used.period_code = resolved.year_code
            inner join sources on used.person_key = sources.person_key
            group by resolved.year_code
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    final as (
        select
            year_code,
            attribute,
            cast(people as bigint) as people,
            cast(people_compared as bigint) as people_compared,
            cast(people_in_conflict as bigint) as people_in_conflict,
            {{ share("people_in_conflict", "people_compared") }} as conflict_share,
            {{ wilson("people_in_conflict", "people_compared", "low") }} as conflict_share_low,
            {{ wilson("people_in_conflict", "people_compared", "high") }} as conflict_share_high
        from compared
    )

select *
from final
