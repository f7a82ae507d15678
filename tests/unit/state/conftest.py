"""A state store in each database that is supported; every test here runs on both."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from orchestration.state.store import Store, url_of
from tests.support.postgres import postgres


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with postgres() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Give an empty store."""
    if request.param == "sqlite":
        made = Store(url_of(f"sqlite:///{tmp_path / 'state' / 'joinedup.sqlite'}"))
    else:
        made = Store(url_of(request.getfixturevalue("server")))
        with made.before_newest() as connection:
            connection.execute(text("drop schema public cascade"))
            connection.execute(text("create schema public"))
    yield made
    made.close()
