with
    comparisons as (select * from {{ ref("stg_comparisons") }}),

    members as (select * from {{ ref("int_cohort_members") }}),

    months as (select * from {{ ref("int_months") }}),

    observed as (
        select windows.*, (select max(month_index) from months) as last_month_index
        from {{ ref("int_observation_windows") }} as windows
    ),

    sided as (
        select
            comparisons.comparison_id,
            comparisons.within_days,
            'focus' as side,
            members.person_key,
            members.entered_date
        from comparisons
        inner join members on comparisons.focus_cohort = members.cohort
        union all
        select
            comparisons.comparison_id,
            comparisons.within_days,
            'other' as side,
            members.person_key,
            members.entered_date
        from comparisons
        inner join members on comparisons.other_cohort = members.cohort
    ),

    -- Who is in both belongs to the one entered first, which nothing later decides.
    ordered as (
        select
            sided.*,
            min(entered_date) over (partition by comparison_id, person_key) as first_entered_date,
            count(*) over (partition by comparison_id, person_key, entered_date) as entered_that_day
        from sided
    ),

    final as (
        select
            ordered.comparison_id,
            ordered.side,
            ordered.person_key,
            ordered.entered_date,
            months.month_index,
            months.year_code,
            case
                when ordered.entered_date > ordered.first_entered_date
                then 'entered_other_first'
                when ordered.entered_that_day > 1
                then 'entered_both_at_once'
                when
                    months.month_index is null
                    or months.month_index < {{ var("compared_months") }}
                    or months.month_index + {{ var("compared_months") }} > observed.last_month_index
                    or {{ add_days("ordered.entered_date", "ordered.within_days") }}
                    > observed.data_end_date
                then 'not_followed'
                else 'compared'
            end as standing
        from ordered
        cross join observed
        left join months on months.month_number = {{ month_number("ordered.entered_date") }}
    )

select *
from final
