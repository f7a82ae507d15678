"""One row per comparison and pattern of covariates: the propensity to be in the focus cohort, from statsmodels."""

import asyncio

from orchestration.statistics.matching import propensities


def model(dbt, session):  # noqa: ARG001 - dbt's signature
    dbt.config(materialized="table")
    asyncio.get_event_loop().close()  # dbt-duckdb opens one in this worker thread and never closes it
    return propensities(dbt.ref("int_covariate_patterns").pl())
