with
    records as (select * from {{ source("in_force", "person") }}),

    ethnicities as (select * from {{ ref("ethnicity") }}),

    keyed as (
        select records.*, {{ record_key("cast(null as string)") }} as person_record_key from records
    ),

    final as (
        select
            keyed.person_record_key,
            keyed.feed,
            keyed.partner,
            keyed.source_ref,
            case when keyed.sex in ('F', 'M') then keyed.sex end as sex,
            keyed.birth_month,
            case
                when not ethnicities.is_reason then ethnicities.ethnicity_code
            end as ethnicity_code,
            case when not ethnicities.is_reason then ethnicities.ethnic_group end as ethnic_group,
            keyed.lsoa_code,
            coalesce(keyed.valid_from, cast('1900-01-01' as date)) as valid_from
        from keyed
        left join ethnicities on keyed.ethnicity_code = ethnicities.ethnicity_code
    )

select *
from final
