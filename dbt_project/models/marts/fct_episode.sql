with
    episodes as (select * from {{ ref("stg_episodes") }}),

    links as (select * from {{ ref("stg_person_links") }}),

    uses as (
        select use_key, end_date, is_open
        from {{ ref("int_service_uses") }}
        where use_kind = 'episode'
    ),

    observed as (select * from {{ ref("int_observation_windows") }}),

    final as (
        select
            episodes.episode_key,
            episodes.feed,
            links.person_key,
            episodes.service_id,
            episodes.referral_date,
            episodes.start_date,
            episodes.end_date,
            uses.end_date as observed_end_date,
            coalesce(uses.is_open, false) as is_open,
            episodes.referral_source,
            episodes.status,
            episodes.end_reason,
            episodes.outcome,
            cast(
                {{ days_between("episodes.referral_date", "episodes.start_date") }} as int
            ) as wait_days,
            case
                when uses.use_key is not null
                then 'used'
                when links.person_key is null
                then 'no_person'
                when episodes.service_id is null
                then 'no_service'
                when episodes.start_date is null
                then 'not_started'
                when episodes.start_date > observed.data_end_date
                then 'after_data_end'
                when episodes.end_date < episodes.start_date
                then 'ends_before_start'
                else 'status_not_use'
            end as use_status
        from episodes
        cross join observed
        left join links on episodes.feed = links.feed and episodes.source_ref = links.source_ref
        left join uses on episodes.episode_key = uses.use_key
    )

select *
from final
