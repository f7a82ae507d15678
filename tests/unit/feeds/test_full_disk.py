"""A full disk, here a file that may not grow: a clear error, nothing half-written, and the next reading completes."""

import resource
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from orchestration.errors import HomeError
from orchestration.feeds.spool import Spool
from tests.support.deliveries import make_settings
from tests.support.dying import SECOND_DAY, contents, prepare, read


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a home in which something is left to read."""
    folder = tmp_path_factory.mktemp("template")
    prepare(folder)
    return folder


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """Have every write beyond so many bytes of a file fail, in this process and all its threads."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [0, 1, 100, 2_000, 3_500, 5_000, 6_500, 8_000])
def test_wherever_the_disk_is_full_the_error_is_clear_and_the_next_reading_ends_as_an_undisturbed_one(
    template: Path, tmp_path: Path, size: int
) -> None:
    for name in ("calm", "full"):
        shutil.copytree(template, tmp_path / name)
    calm, full = make_settings(tmp_path / "calm"), make_settings(tmp_path / "full")
    read(calm, SECOND_DAY)
    with no_file_larger_than(size), pytest.raises(HomeError) as caught:
        read(full, SECOND_DAY)
    message = str(caught.value)
    assert message.startswith(f"Cannot write {full.home}")
    assert "free some space" in message
    assert "thrift" not in message
    assert list(full.home.rglob("*.aside")) == []
    read(full, SECOND_DAY)
    assert contents(full) == contents(calm)


@pytest.mark.parametrize("size", [0, 60, 400])
def test_rows_put_aside_on_a_full_disk_are_a_clear_error_even_when_it_fills_at_the_very_end(
    tmp_path: Path, size: int
) -> None:
    piece = pl.DataFrame({"n": range(50)})
    caught: list[BaseException] = []

    def put_aside() -> None:
        try:
            spool = Spool(tmp_path, dict(piece.schema))
            spool.add(piece)
            spool.add(piece)
            spool.close()
        except HomeError as error:
            caught.append(error)

    with no_file_larger_than(size):
        thread = threading.Thread(target=put_aside, daemon=True)
        thread.start()
        thread.join(timeout=30)
    assert not thread.is_alive(), "whoever closes waits for a writer that waits for more"
    assert [str(tmp_path) in str(error) for error in caught] == [True]
