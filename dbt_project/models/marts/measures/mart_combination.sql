{% set most = var("combination_most") %}
with
    used as (
        select period_code, theme_mask, count(*) as people
        from {{ ref("fct_person_period") }}
        where period_level in ('year', 'all')
        group by period_code, theme_mask
    ),

    themes as (
        select theme, theme_index, theme_bit
        from {{ ref("int_services") }}
        group by theme, theme_index, theme_bit
    ),

    -- Sets of one, two, ... themes in order; and every set that anybody used just so.
    {% for size in range(1, most + 1) %}
        sets_{{ size }} as (
            {% if size == 1 %}select theme_index as last_index, theme_bit as theme_mask from themes
            {% else %}
                select
                    themes.theme_index as last_index,
                    cast(sets.theme_mask + themes.theme_bit as bigint) as theme_mask
                from sets_{{ size - 1 }} as sets
                inner join themes on sets.last_index < themes.theme_index
            {% endif %}
        ),
    {% endfor %}

    candidates as (
        {% for size in range(1, most + 1) %}
            select theme_mask
            from sets_{{ size }}
            union
        {% endfor %}
        select theme_mask
        from used
    ),

    -- Inclusive: everybody who used at least these; exclusive: these and no other.
    counted as (
        select
            used.period_code,
            candidates.theme_mask,
            sum(used.people) as people_at_least,
            sum(
                case when used.theme_mask = candidates.theme_mask then used.people else 0 end
            ) as people_exactly
        from candidates
        inner join used on (used.theme_mask & candidates.theme_mask) = candidates.theme_mask
        group by used.period_code, candidates.theme_mask
    ),

    named as (
        select
            candidates.theme_mask,
            count(*) as theme_count,
            {{ in_order("themes.theme", "themes.theme_index", " + ") }} as themes
        from candidates
        inner join themes on (candidates.theme_mask & themes.theme_bit) <> 0
        group by candidates.theme_mask
    ),

    sized as (
        select
            counted.*,
            named.theme_count,
            named.themes,
            sum(counted.people_exactly) over (partition by counted.period_code) as people_using,
            sum(counted.people_exactly) over (
                partition by counted.period_code, named.theme_count
            ) as people_of_size
        from counted
        inner join named on counted.theme_mask = named.theme_mask
    ),

    final as (
        select
            period_code,
            cast(theme_mask as bigint) as theme_mask,
            themes,
            cast(theme_count as int) as theme_count,
            cast(people_at_least as bigint) as people_at_least,
            cast(people_exactly as bigint) as people_exactly,
            cast(people_of_size as bigint) as people_of_size,
            cast(people_using as bigint) as people_using,
            {{ share("people_at_least", "people_using") }} as at_least_share,
            {{ share("people_exactly", "people_using") }} as exactly_share
        from sized
    )

select *
from final
