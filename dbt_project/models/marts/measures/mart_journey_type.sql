with
    sequences as (select * from {{ ref("int_sequences") }}),

    types as (select * from {{ ref("int_sequence_types") }}),

    counted as (
        select
            types.type_no,
            sum(sequences.people) as people,
            count(*) as sequences,
            sum(sequences.people * types.distance) / sum(sequences.people) as mean_distance,
            max(types.medoid_sequence) as medoid_sequence,
            max(types.type_silhouette) as type_silhouette,
            max(types.type_stability) as type_stability,
            max(types.silhouette) as silhouette,
            max(types.type_count) as type_count,
            max(types.type_version) as type_version,
            max(types.sampled_people) as sampled_people
        from types
        inner join sequences on types.sequence = sequences.sequence
        group by types.type_no
    ),

    totalled as (select counted.*, sum(people) over () as people_typed from counted),

    final as (
        select
            cast(type_no as int) as type_no,
            cast(type_count as int) as type_count,
            type_version,
            cast(people as bigint) as people,
            cast(people_typed as bigint) as people_typed,
            {{ share("people", "people_typed") }} as type_share,
            cast(sequences as bigint) as sequences,
            medoid_sequence,
            cast(mean_distance as double) as mean_distance,
            cast(type_silhouette as double) as type_silhouette,
            cast(type_stability as double) as type_stability,
            cast(silhouette as double) as silhouette,
            cast(sampled_people as bigint) as sampled_people
        from totalled
    )

select *
from final
