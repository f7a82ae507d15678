"""One row per segment and feature: the chance of the feature in the segment, from the model that is kept.

Only counts of patterns come in, never a person; the fit is orchestration.statistics.latent_classes.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from orchestration.statistics.latent_classes import kept_or_fitted, profiles


def model(dbt: Any, session: Any) -> Any:  # noqa: ARG001 - the signature that dbt calls
    """Return the parameters of the kept model, fitted first where none is kept."""
    dbt.config(materialized="table")
    features = dbt.ref("int_segment_features").pl().sort("feature_no")
    patterns = dbt.ref("int_segment_patterns").pl().filter("is_fit_year").sort("pattern")
    bits = features["feature_bit"].to_numpy()
    answers = (patterns["pattern"].to_numpy()[:, None] & bits[None, :] != 0).astype(np.int64)
    found = kept_or_fitted(
        Path(os.environ["JOINEDUP_HOME"]) / "warehouse" / "segments.json",
        answers,
        patterns["people"].to_numpy(),
        features=[f"{kind}:{code}" for kind, code in features.select("feature_kind", "feature_code").iter_rows()],
        fit_no=int(dbt.config.get("segment_fit")),
        fitted_on=next(iter(patterns["year_code"]), ""),
    )
    said = profiles(found, features["feature_name"].to_list())
    segments = pl.DataFrame(
        {
            "segment_no": range(1, found.classes + 1),
            "segment_version": [found.version] * found.classes,
            "segment_count": [found.classes] * found.classes,
            "segment_share": found.shares,
            "stability": found.stability,
            "profile": said,
            "bic": [min(found.bic, default=0.0)] * found.classes,
            "fit_year_code": [found.fitted_on] * found.classes,
            "fit_people": [found.people] * found.classes,
            "chance": [list(row) for row in found.chances],
            "overall_share": [list(found.overall)] * found.classes,
            "feature_no": [list(range(features.height))] * found.classes,
        },
        schema=SCHEMA,
    )
    rows = segments.explode("chance", "overall_share", "feature_no").join(features, on="feature_no")
    return rows.to_arrow()


SCHEMA = pl.Schema(
    {
        "segment_no": pl.Int32(),
        "segment_version": pl.String(),
        "segment_count": pl.Int32(),
        "segment_share": pl.Float64(),
        "stability": pl.Float64(),
        "profile": pl.String(),
        "bic": pl.Float64(),
        "fit_year_code": pl.String(),
        "fit_people": pl.Int64(),
        "chance": pl.List(pl.Float64()),
        "overall_share": pl.List(pl.Float64()),
        "feature_no": pl.List(pl.Int32()),
    }
)
