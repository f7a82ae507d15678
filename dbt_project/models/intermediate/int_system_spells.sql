{% set digests = ["int_spell_digests"] %}
{{
    config(
        materialized="incremental",
        incremental_strategy="changed_months",
        on_schema_change="fail",
        meta={
            "digests": digests,
            "stale_days": "end_date",
            "slack_days": var("system_exit_days"),
        },
        post_hook="{{ keep_digests(['int_spell_digests']) }}",
    )
}}
{% set months = changed_months(digests) %}

with
    {% if months is none %} spells as (select * from {{ ref("int_spells") }}),
    {% else %}
        -- Runs of use that the first changed month, or the days before it, can reach are told anew
        -- from the day on which they began; all others are over.
        unfinished as (
            select person_key, min(start_date) as from_date
            from {{ this }}
            where {{ reaches("end_date", var("system_exit_days"), months | first) }}
            group by person_key
        ),

        spells as (
            select used.*
            from {{ ref("int_spells") }} as used
            left join unfinished on used.person_key = unfinished.person_key
            where
                {{ reaches("used.start_date", 0, months | first) }}
                or used.start_date >= unfinished.from_date
        ),

        over as (
            select told.person_key, max(told.system_spell_no) as spells_over
            from {{ this }} as told
            inner join
                (select person_key from spells group by person_key) as retold
                on told.person_key = retold.person_key
            where not {{ reaches("told.end_date", var("system_exit_days"), months | first) }}
            group by told.person_key
        ),
    {% endif %}

    observed as (select * from {{ ref("int_observation_windows") }}),

    followed as (
        select
            spells.*,
            max(end_date) over (
                partition by person_key
                order by start_date nulls last, end_date nulls last, service_id nulls last
                rows between unbounded preceding and 1 preceding
            ) as latest_end_before
        from spells
    ),

    marked as (
        select
            followed.*,
            case
                when
                    {{ days_between("followed.latest_end_before", "followed.start_date") }}
                    <= observed.system_exit_days
                then 0
                else 1
            end as begins_spell
        from followed
        cross join observed
    ),

    numbered as (
        select
            marked.*,
            cast(
                sum(begins_spell) over (
                    partition by person_key
                    order by start_date nulls last, end_date nulls last, service_id nulls last
                    rows between unbounded preceding and current row
                ) as int
            ) as system_spell_no
        from marked
    ),

    runs as (
        select
            person_key,
            system_spell_no,
            min(start_date) as start_date,
            max(end_date) as end_date,
            bool_or(is_open) as is_open,
            cast(count(*) as int) as spell_count
        from numbered
        group by person_key, system_spell_no
    ),

    final as (
        {% if months is none %}select * from runs
        {% else %}
            select
                runs.person_key,
                cast(
                    runs.system_spell_no + coalesce(over.spells_over, 0) as int
                ) as system_spell_no,
                runs.start_date,
                runs.end_date,
                runs.is_open,
                runs.spell_count
            from runs
            left join over on runs.person_key = over.person_key
        {% endif %}
    )

select *
from final
