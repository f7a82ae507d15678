with
    people as (select * from {{ ref("int_compared_people") }}),

    propensities as (select * from {{ ref("int_propensities") }} where propensity_band is not null),

    -- Exactly alike: everybody in a cell that holds both cohorts. The others of a cell weigh as
    -- much as its focus cohort, so that they stand for people like them.
    celled as (
        select
            people.*,
            concat_ws(
                '|'
                {% for covariate in var("match_exactly_on") %}, people.{{ covariate }} {% endfor %}
            ) as stratum
        from people
    ),

    cells as (
        select
            comparison_id,
            stratum,
            sum(case when side = 'focus' then 1 else 0 end) as focus_people,
            sum(case when side = 'other' then 1 else 0 end) as other_people
        from celled
        group by comparison_id, stratum
    ),

    -- Alike in propensity: pairs within a band, drawn by a number that means nothing.
    banded as (
        select
            people.comparison_id,
            people.person_key,
            people.side,
            cast(propensities.propensity_band as string) as stratum,
            row_number() over (
                partition by people.comparison_id, propensities.propensity_band, people.side
                order by md5(people.person_key) nulls last, people.person_key nulls last
            ) as place
        from people
        inner join
            propensities on people.comparison_id = propensities.comparison_id
            {% for covariate in compared_covariates() %}
                and people.{{ covariate }} = propensities.{{ covariate }}
            {% endfor %}
    ),

    bands as (
        select
            comparison_id,
            stratum,
            least(
                sum(case when side = 'focus' then 1 else 0 end),
                sum(case when side = 'other' then 1 else 0 end)
            ) as pairs
        from banded
        group by comparison_id, stratum
    ),

    final as (
        select
            comparison_id,
            'crude' as method,
            person_key,
            side,
            'all' as stratum,
            cast(1 as double) as weight
        from people
        union all
        select
            celled.comparison_id,
            'exact' as method,
            celled.person_key,
            celled.side,
            celled.stratum,
            case
                when celled.side = 'focus'
                then cast(1 as double)
                else {{ share("cells.focus_people", "cells.other_people") }}
            end as weight
        from celled
        inner join
            cells on celled.comparison_id = cells.comparison_id and celled.stratum = cells.stratum
        where cells.focus_people > 0 and cells.other_people > 0
        union all
        select
            banded.comparison_id,
            'propensity' as method,
            banded.person_key,
            banded.side,
            banded.stratum,
            cast(1 as double) as weight
        from banded
        inner join
            bands on banded.comparison_id = bands.comparison_id and banded.stratum = bands.stratum
        where banded.place <= bands.pairs
    )

select *
from final
