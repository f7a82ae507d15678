"""A full disk, here a file that may not grow: a clear error, nothing half-written, and the next reading completes."""

import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orchestration.errors import HomeError
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
