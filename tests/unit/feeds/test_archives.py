"""Files inside files are unpacked in memory, within bounds, and nowhere else."""

import gzip
import io
import tarfile
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from orchestration.feeds import archive
from orchestration.feeds.content import UnreadableFileError, read_content
from tests.support.workbooks import zip_of, zipped


def content(tmp_path: Path, data: bytes, member: str | None = None, name: str = "file.csv") -> bytes:
    path = tmp_path / name
    path.write_bytes(data)
    return read_content(path, member=member).data


def refusal(tmp_path: Path, data: bytes, member: str | None = None, name: str = "file.csv") -> str:
    with pytest.raises(UnreadableFileError) as caught:
        content(tmp_path, data, member, name)
    return str(caught.value)


def test_the_only_file_of_a_zip_is_read_and_what_programs_leave_beside_it_is_not(tmp_path: Path) -> None:
    packed = zip_of({"export/cases.csv": "a,b\n", "__MACOSX/export/._cases.csv": "x", "export/.DS_Store": "x"})
    assert content(tmp_path, packed) == b"a,b\n"


def test_the_contract_names_the_file_of_a_zip_by_its_name_or_path(tmp_path: Path) -> None:
    packed = zip_of({"2025/cases.csv": "cases", "2025/people.csv": "people"})
    assert content(tmp_path, packed, r"people\.csv") == b"people"
    assert content(tmp_path, packed, r"2025/c.*") == b"cases"


def test_a_zip_of_several_files_is_refused_until_the_contract_chooses(tmp_path: Path) -> None:
    packed = zipped(a__csv="1", b__csv="2")
    assert "holds 2 files" in refusal(tmp_path, packed)
    assert "0 of its 2 files" in refusal(tmp_path, packed, "c.*")
    assert "2 of its 2 files" in refusal(tmp_path, packed, ".*")
    assert "holds 0 files" in refusal(tmp_path, zip_of({}))


@pytest.mark.parametrize(
    "path", ["../../etc/cron.d/x", "/etc/passwd", "a/../../b", "..\\..\\x", "C:\\x.csv", "C:/x.csv"]
)
def test_a_path_that_climbs_out_of_the_archive_is_refused_and_nothing_is_written(tmp_path: Path, path: str) -> None:
    landing = tmp_path / "landing"
    landing.mkdir()
    assert "leads out of the archive" in refusal(landing, zip_of({path: "a,b\n", "cases.csv": "a,b\n"}))
    assert [found.name for found in tmp_path.rglob("*")] == ["landing", "file.csv"]


def test_a_link_inside_a_zip_is_never_followed(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        link = zipfile.ZipInfo("cases.csv")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "/etc/passwd")
    assert "leads out of the archive" in refusal(tmp_path, file.getvalue())


def bomb(size: int) -> bytes:
    return b"0" * size


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped(bomb__csv=data)], ids=["gzip", "zip"])
def test_a_bomb_is_stopped_while_it_unpacks_in_bounded_time_and_memory(tmp_path: Path, pack: object) -> None:
    packed = pack(bomb(192 << 20))  # type: ignore[operator]
    assert len(packed) < 1 << 20
    tracemalloc.start()
    started = time.perf_counter()
    assert "200 times its size" in refusal(tmp_path, packed)
    assert time.perf_counter() - started < 5
    assert tracemalloc.get_traced_memory()[1] < 3 * archive.RATIO_COUNTS_FROM
    tracemalloc.stop()


def test_a_small_file_may_be_as_regular_as_it_likes(tmp_path: Path) -> None:
    assert len(content(tmp_path, gzip.compress(bomb(8 << 20)))) == 8 << 20


def test_size_has_a_limit_whatever_the_ratio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 1 << 20)
    assert "more than 1 MiB" in refusal(tmp_path, zipped(a__csv=bomb(3 << 20)))


def test_a_zip_of_very_many_files_is_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 3)
    assert "more than 3 files" in refusal(tmp_path, zip_of({f"{n}.csv": "x" for n in range(4)}))


def test_an_archive_inside_an_archive_is_refused(tmp_path: Path) -> None:
    inner = zipped(a__csv="a,b\n")
    assert "archive inside an archive" in refusal(tmp_path, zip_of({"a.zip": inner}))
    assert "archive inside an archive" in refusal(tmp_path, gzip.compress(gzip.compress(b"a")))


def test_a_locked_zip_is_refused_as_locked(tmp_path: Path) -> None:
    packed = bytearray(zipped(a__csv="a,b\n"))
    packed[6] |= 1  # the flag of encryption in the local header and in the list of contents
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    assert "locked with a password" in refusal(tmp_path, bytes(packed))


def test_a_damaged_zip_is_refused_as_damaged(tmp_path: Path) -> None:
    packed = zipped(a__csv="a,b\n" * 100)
    assert "damaged" in refusal(tmp_path, packed[:60])
    flipped = packed[:45] + bytes([packed[45] ^ 255]) + packed[46:]
    assert "damaged" in refusal(tmp_path, flipped)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><table>", "a web page"),
        (b'<?xml version="1.0"?><Workbook>', "a web page or XML"),
        (b"Rar!\x1a\x07", "a RAR archive"),
        (b"\x89PNG\r\n", "a picture"),
        (b"SQLite format 3\x00", "a database"),
    ],
)
def test_what_only_bears_the_name_of_a_table_is_told_for_what_it_is(tmp_path: Path, data: bytes, said: str) -> None:
    assert said in refusal(tmp_path, data, name="cases.xls")


def test_a_tar_inside_gzip_is_told_for_what_it_is(tmp_path: Path) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as made:
        made.addfile(tarfile.TarInfo("cases.csv"), io.BytesIO())
    assert "a tar archive" in refusal(tmp_path, file.getvalue())
