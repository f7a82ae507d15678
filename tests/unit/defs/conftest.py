"""An environment of its own for tests that build Dagster's definitions, which hand the settings on through it."""

import os

import pytest


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JOINEDUP_AREA", "JOINEDUP_HOME", "DAGSTER_HOME", "JOINEDUP_TODAY"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
