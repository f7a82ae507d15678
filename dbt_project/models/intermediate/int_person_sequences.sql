with
    followups as (
        select *
        from {{ ref("int_followups") }}
        where months_followed >= {{ var("journey_months") }}
    ),

    used as (
        select *
        from {{ ref("int_journey_months") }}
        where months_since_entry < {{ var("journey_months") }}
    ),

    -- One column per month and not a list, so that nothing need be sorted.
    final as (
        select
            followups.person_key,
            followups.entry_theme,
            concat(
                {% for month in range(var("journey_months")) %}
                    {{
                        state_sign(
                            "max(case when used.months_since_entry= "
                            ~ month
                            ~ " then used.theme_index end)"
                        )
                    }}
                    {%- if not loop.last %}, {% endif %}
                {% endfor %}
            ) as sequence
        from followups
        inner join used on followups.person_key = used.person_key
        group by followups.person_key, followups.entry_theme
    )

select *
from final
