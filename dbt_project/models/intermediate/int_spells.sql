with
    uses as (select * from {{ ref("int_service_uses") }}),

    months as (select * from {{ ref("int_months") }}),

    observed as (select * from {{ ref("int_observation_windows") }}),

    followed as (
        select
            uses.*,
            max(end_date) over (
                partition by person_key, service_id
                order by start_date nulls last, end_date nulls last
                rows between unbounded preceding and 1 preceding
            ) as latest_end_before
        from uses
    ),

    marked as (
        select
            followed.*,
            case
                when followed.latest_end_before is null
                then 1
                when
                    {{ days_between("followed.latest_end_before", "followed.start_date") }}
                    > observed.spell_gap_days
                then 1
                else 0
            end as begins_spell
        from followed
        cross join observed
    ),

    numbered as (
        select
            marked.*,
            cast(
                sum(begins_spell) over (
                    partition by person_key, service_id
                    order by start_date nulls last, end_date nulls last
                    rows between unbounded preceding and current row
                ) as int
            ) as spell_no
        from marked
    ),

    spells as (
        select
            person_key,
            service_id,
            spell_no,
            min(start_date) as start_date,
            max(end_date) as end_date,
            bool_or(is_open) as is_open,
            cast(count(*) as int) as use_count,
            cast(sum(case when use_kind = 'episode' then 1 else 0 end) as int) as episode_count
        from numbered
        group by person_key, service_id, spell_no
    ),

    -- Bits i to j together are 2 * bit j - bit i: no row per month is made.
    final as (
        select
            spells.person_key,
            spells.service_id,
            spells.spell_no,
            spells.start_date,
            spells.end_date,
            spells.is_open,
            spells.start_date < observed.data_start_date as is_left_truncated,
            spells.episode_count = 0 as is_contact_only,
            spells.use_count,
            spells.episode_count,
            cast(
                {{ days_between("spells.start_date", "spells.end_date") }} + 1 as int
            ) as spell_days,
            coalesce(
                cast(2 * last_months.month_mask - first_months.month_mask as bigint), 0
            ) as month_mask
        from spells
        cross join observed
        left join
            months as first_months
            on first_months.month_number
            = {{ month_number("greatest(spells.start_date, observed.data_start_date)") }}
        left join
            months as last_months
            on last_months.month_number = {{ month_number("spells.end_date") }}
    )

select *
from final
