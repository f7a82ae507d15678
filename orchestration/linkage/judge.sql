-- One row per pair of records, node_l < node_r: what the evidence of its best pair of profiles
-- allows.
-- Levels are numbered as in orchestration/linkage/model.py; $names are bound to them.
-- A record may have several profiles (moves, corrected names): the strongest pair that may link
-- speaks for it.
with
    pairs as (
        select
            least(node_l, node_r) as node_l,
            greatest(node_l, node_r) as node_r,
            round(match_weight, 6) as match_weight,
            round(match_probability, 6) as match_probability,
            gamma_identity as identity,
            gamma_name as name,
            gamma_birth as birth,
            gamma_address as address,
            gamma_sex as sex,
            cast(match_key as integer) as match_key,
            gamma_identity in ($same_nhs, $same_ni) as number_agrees,
            gamma_name >= $both_alike as names_agree,
            gamma_address >= $same_postcode as address_agrees
        from predicted
    ),
    -- Twins: surname and date of birth agree, the forename does not. Parent and child: full name
    -- and address agree,
    -- births a generation apart. A number that agrees while both name and birth are others
    -- contradicts itself.
    ruled as (
        select
            *,
            identity = $different_nhs as two_numbers,
            not number_agrees and birth = $same_birth and name = $surname_only as twins,
            not number_agrees
            and birth = $generation_apart
            and names_agree
            and address_agrees as generation,
            number_agrees and name = 0 and birth in (0, $generation_apart) as contradicts
        from pairs
    ),
    judged as (
        select
            *,
            identity = $same_nhs and not contradicts and name > 0 as is_trusted,
            name >= $same_name and birth = $same_birth as is_same_name,
            case
                when twins
                then least(match_probability, $twins_probability)
                when generation
                then least(match_probability, $generation_probability)
                else match_probability
            end as probability,
            -- A forename and a date of birth alone must be sure. Siblings share a surname, an
            -- address and, if twins, a
            -- birth, so without a date of birth a surname needs a forename beside it.
            not (two_numbers or contradicts)
            and (
                number_agrees
                or birth = $birth_swapped
                or birth = $same_birth
                and (
                    name not in ($forename_only, $forename_surname_unknown)
                    or address_agrees
                    or match_probability >= 0.95
                )
                or birth = $same_month
                and (names_agree or name = $forename_only and address_agrees)
                or birth in ($part_birth, $near_birth)
                and (names_agree or name = $forename_only)
                and address_agrees
                or birth = $near_birth
                and name = $rare_name
                or birth in (0, $generation_apart)
                and names_agree
                and address_agrees
                or birth = -1
                and names_agree
                and (address_agrees or name = $rare_name)
                or birth = -1
                and name = $forename_only
                and address = $same_home
            ) as may_link
        from ruled
    )
select
    node_l,
    node_r,
    coalesce(max(match_weight) filter (where may_link), max(match_weight)) as match_weight,
    coalesce(max(probability) filter (where may_link), max(probability)) as match_probability,
    bool_or(is_trusted) as is_trusted,
    bool_or(is_same_name) as is_same_name,
    bool_or(may_link) as may_link,
    bool_or(twins) as is_twins,
    bool_or(two_numbers or generation) as is_barred,
    bool_or(contradicts) as is_contradiction,
    arg_max(
        concat_ws(' ', identity, name, birth, address, sex),
        if(may_link, match_weight, match_weight - 1000)
    ) as pattern,
    min(match_key) as match_key
from judged
group by all
