"""A snapshot that another version published is refused in words, by the gate and by rolling back; never a traceback."""

from pathlib import Path

import duckdb
import pytest

from orchestration.errors import SnapshotError
from orchestration.publishing import publish, rollback
from orchestration.release import Gate
from tests.support.snapshot import make_snapshot


def lose(path: Path, what: str) -> None:
    path.chmod(0o640)
    with duckdb.connect(str(path)) as connection:
        connection.execute(what)


@pytest.mark.parametrize(
    "what", ["drop table serving.srv_payer", "alter table serving.srv_person_year drop column sex"]
)
def test_a_snapshot_of_another_version_says_what_to_do(tmp_path: Path, what: str) -> None:
    settings = make_snapshot(tmp_path, people=500)
    lose((settings.published / "current").resolve(), what)
    with pytest.raises(SnapshotError, match=r"another version .* Run `joinedup refresh --full`"):
        Gate(settings).catalogue()


def test_nobody_rolls_back_to_a_snapshot_that_cannot_be_read(tmp_path: Path) -> None:
    settings = make_snapshot(tmp_path, people=500)
    earlier = (settings.published / "current").resolve()
    lose(earlier, "drop table serving.srv_payer")
    publish(settings)
    with pytest.raises(SnapshotError, match="earlier version"):
        rollback(settings)
