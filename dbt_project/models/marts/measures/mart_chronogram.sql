with
    followups as (select * from {{ ref("int_followups") }} where months_followed > 0),

    used as (select * from {{ ref("int_journey_months") }}),

    themes as (
        select theme_index, theme from {{ ref("int_services") }} group by theme_index, theme
    ),

    months as (select month_index as months_since_entry from {{ ref("int_months") }}),

    lengths as (
        select entry_theme, months_followed, count(*) as people
        from followups
        where entry_theme is not null
        group by entry_theme, months_followed
    ),

    -- Whoever is followed for n months is seen in months 0 to n - 1, and leaves the denominator
    -- after.
    followed as (
        select lengths.entry_theme, months.months_since_entry, sum(lengths.people) as people
        from lengths
        inner join months on months.months_since_entry < lengths.months_followed
        group by lengths.entry_theme, months.months_since_entry
    ),

    in_theme as (
        select
            used.entry_theme,
            used.months_since_entry,
            themes.theme as state,
            count(*) as people,
            sum(case when used.has_several_themes then 1 else 0 end) as people_with_several
        from used
        inner join themes on used.theme_index = themes.theme_index
        group by used.entry_theme, used.months_since_entry, themes.theme
    ),

    in_none as (
        select
            followed.entry_theme,
            followed.months_since_entry,
            'none' as state,
            max(followed.people) - coalesce(sum(in_theme.people), 0) as people,
            0 as people_with_several
        from followed
        left join
            in_theme
            on followed.entry_theme = in_theme.entry_theme
            and followed.months_since_entry = in_theme.months_since_entry
        group by followed.entry_theme, followed.months_since_entry
    ),

    every_state as (
        select *
        from in_theme
        union all
        select *
        from in_none
    ),

    counted as (
        select
            coalesce(entry_theme, 'all') as entry_theme,
            months_since_entry,
            state,
            sum(people) as people,
            sum(people_with_several) as people_with_several
        from every_state
        group by
            grouping sets ((entry_theme, months_since_entry, state), (months_since_entry, state))
    ),

    totalled as (
        select
            counted.*,
            sum(people) over (partition by entry_theme, months_since_entry) as people_followed
        from counted
    ),

    final as (
        select
            entry_theme,
            cast(months_since_entry as int) as months_since_entry,
            state,
            cast(people as bigint) as people,
            cast(people_followed as bigint) as people_followed,
            {{ share("people", "people_followed") }} as state_share,
            cast(people_with_several as bigint) as people_with_several
        from totalled
    )

select *
from final
