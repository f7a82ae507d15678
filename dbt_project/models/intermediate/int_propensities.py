"""One row per comparison and pattern of covariates: the propensity to be in the focus cohort, from statsmodels."""

from orchestration.statistics.matching import propensities


def model(dbt, session):  # noqa: ARG001 - dbt's signature
    dbt.config(materialized="table")
    return propensities(dbt.ref("int_covariate_patterns").pl())
