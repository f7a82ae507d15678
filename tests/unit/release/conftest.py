"""A published snapshot of 3,000 invented people, shared by the tests of the gate."""

import pytest

from orchestration.release import Gate
from orchestration.settings import Settings
from tests.support.snapshot import make_snapshot


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_snapshot(tmp_path_factory.mktemp("published"), people=3000, seed=1)


@pytest.fixture(scope="session")
def gate(published: Settings) -> Gate:
    return Gate(published)
