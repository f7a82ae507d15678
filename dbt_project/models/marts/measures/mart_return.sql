with
    exits as (select * from {{ ref("fct_exit") }} where year_code is not null),

    horizons as (
        {% for days in var("return_within_days") %}
            select {{ days }} as within_days
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    -- A person who leaves two services on one day leaves the system once.
    system_exits as (
        select
            person_key,
            exit_date,
            min(exit_kind) as exit_kind,
            min(system_followed_days) as system_followed_days,
            min(system_return_days) as system_return_days
        from exits
        where is_system_exit
        group by person_key, exit_date
    ),

    told as (
        select
            'same_service' as return_to,
            service_id,
            exit_kind,
            followed_days,
            return_days,
            count(*) as exits
        from exits
        group by service_id, exit_kind, followed_days, return_days
        union all
        select
            'any_service' as return_to,
            'all' as service_id,
            exit_kind,
            system_followed_days as followed_days,
            system_return_days as return_days,
            count(*) as exits
        from system_exits
        group by exit_kind, system_followed_days, system_return_days
    ),

    -- Only exits that were followed for the whole of the time.
    counted as (
        select
            told.return_to,
            coalesce(told.service_id, 'all') as service_id,
            coalesce(told.exit_kind, 'all') as exit_kind,
            horizons.within_days,
            sum(told.exits) as exits,
            sum(
                case when told.return_days <= horizons.within_days then told.exits else 0 end
            ) as returned
        from told
        inner join horizons on told.followed_days >= horizons.within_days
        group by
            grouping sets (
                (told.return_to, horizons.within_days, told.service_id, told.exit_kind),
                (told.return_to, horizons.within_days, told.service_id),
                (told.return_to, horizons.within_days, told.exit_kind),
                (told.return_to, horizons.within_days)
            )
    ),

    single as (
        select
            return_to,
            service_id,
            exit_kind,
            within_days,
            max(exits) as exits,
            max(returned) as returned
        from counted
        group by return_to, service_id, exit_kind, within_days
    ),

    final as (
        select
            return_to,
            service_id,
            exit_kind,
            cast(within_days as int) as within_days,
            cast(exits as bigint) as exits,
            cast(returned as bigint) as returned,
            {{ share("returned", "exits") }} as returned_share,
            {{ wilson("returned", "exits", "low") }} as returned_share_low,
            {{ wilson("returned", "exits", "high") }} as returned_share_high
        from single
    )

select *
from final
