"""One row per distinct sequence of monthly states: its type, and how well the types hold."""


def model(dbt, session):  # noqa: ARG001 - dbt's signature
    """Return the type of each sequence, worked out by orchestration.statistics on sequences and counts alone."""
    import polars as pl  # noqa: PLC0415 - dbt runs this function by itself

    from orchestration.statistics import find_types  # noqa: PLC0415

    dbt.config(materialized="table")
    sequences = dbt.ref("int_sequences").order("sequence").pl()
    schema = {
        "type_no": pl.Int32,
        "distance": pl.Float64,
        "medoid_sequence": pl.String,
        "type_silhouette": pl.Float64,
        "type_stability": pl.Float64,
        "silhouette": pl.Float64,
        "sampled_people": pl.Int64,
        "type_count": pl.Int32,
        "type_version": pl.String,
    }
    if sequences.is_empty():
        return sequences.select("sequence").with_columns(
            [pl.lit(None, dtype=dtype).alias(name) for name, dtype in schema.items()]
        )
    found = find_types(sequences["sequence"].to_list(), sequences["people"].to_list())
    types = found.types.tolist()
    return sequences.select("sequence").hstack(
        pl.DataFrame(
            {
                "type_no": [number + 1 for number in types],
                "distance": found.distances.tolist(),
                "medoid_sequence": [found.medoids[number] for number in types],
                "type_silhouette": [found.silhouettes[number] for number in types],
                "type_stability": [found.stabilities[number] for number in types],
                "silhouette": found.silhouette,
                "sampled_people": found.sampled_people,
                "type_count": len(found.medoids),
                "type_version": found.version,
            },
            schema=schema,
        ).fill_nan(None)
    )
