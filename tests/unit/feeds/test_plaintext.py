"""Plain text is read in pieces straight from its file; what is not plain is read whole, with the same result."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from orchestration.area.contracts import DeliveryFile
from orchestration.errors import HomeError
from orchestration.feeds import plaintext, tables
from orchestration.feeds.plaintext import NotPlainError, plain_text
from orchestration.feeds.spool import Spool
from tests.support.deliveries import HEADER, as_csv, found, make_settings, receive, row

ROWS = [row(number) for number in range(30)]


def plain(tmp_path: Path, data: bytes, **declared: object) -> plaintext.PlainText | None:
    path = tmp_path / "file.csv"
    path.write_bytes(data)
    return plain_text(path, DeliveryFile.model_validate({"pattern": ".*", **declared}), HEADER)


@pytest.mark.parametrize(
    ("data", "declared"),
    [
        (as_csv(ROWS).encode(), {}),
        (as_csv(ROWS).encode("utf-8-sig"), {"encoding": "utf-8-sig"}),
        (as_csv(ROWS).replace("\n", "\r\n").encode(), {"encoding": "cp1252"}),
        (as_csv(ROWS, delimiter="|").encode(), {}),
        (("A report\n\n" + as_csv(ROWS)).encode(), {}),
        (as_csv([row(1, Sex="Château")]).encode(), {}),
    ],
)
def test_plain_text_is_read_in_pieces(tmp_path: Path, data: bytes, declared: dict[str, object]) -> None:
    text = plain(tmp_path, data, **declared)
    assert text is not None
    pieces = list(text.pieces(7, spares=1))
    assert max(piece.height for piece in pieces) <= 7
    assert sum(piece.height for piece in pieces) == data.count(b"\n") - text.skipped_lines


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(as_csv(ROWS).encode()),
        as_csv(ROWS).encode("utf-16"),
        as_csv([row(1, Sex="Château")]).encode("cp1252"),
        as_csv(ROWS).replace("\n", "\r").encode(),
        as_csv(ROWS).replace("\n", "\r", 3).encode(),
        as_csv(ROWS).encode() + b"\0",
        b"",
    ],
)
def test_what_is_not_plain_is_left_to_be_read_whole(tmp_path: Path, data: bytes) -> None:
    assert plain(tmp_path, data) is None


def test_a_line_end_that_two_blocks_share_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plaintext, "BLOCK", 1)
    assert plain(tmp_path, as_csv(ROWS).replace("\n", "\r\n").encode()) is not None
    assert plain(tmp_path, as_csv([row(1, Sex="Château")]).encode()) is not None


def test_a_plain_delivery_is_never_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(tables, "read_table")
    assert receive(make_settings(tmp_path), as_csv(ROWS)).total.accepted == 2 * len(ROWS)


def test_a_file_cut_short_while_it_is_read_is_read_again_as_it_is_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> Iterator[pl.DataFrame]:
        raise OSError("failed to fill whole buffer")

    monkeypatch.setattr(pl.LazyFrame, "collect_batches", failing)
    text = plain(tmp_path, as_csv(ROWS).encode())
    assert text is not None
    with pytest.raises(NotPlainError):
        list(text.pieces(7, spares=1))
    assert receive(make_settings(tmp_path), as_csv(ROWS)).total.accepted == 2 * len(ROWS)


def test_rows_with_many_cells_too_many_are_marked_wherever_they_stand(tmp_path: Path) -> None:
    content = as_csv(ROWS) + ",".join("x" * 12) + "\n" + as_csv([row(99)]).split("\n", 1)[1]
    receipt = receive(make_settings(tmp_path), content)
    assert found(receipt)["ragged_row"] == 2
    assert receipt.total.delivered == 2 * 32


def test_rows_that_cannot_be_written_aside_are_a_clear_error(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "file", {"a": pl.Int64()})
    (tmp_path / "file").write_text("not a folder")
    spool.add(pl.DataFrame({"a": [1]}))
    with pytest.raises(HomeError, match="Cannot write"):
        spool.add(pl.DataFrame({"a": [2]}))


def test_rows_aside_are_the_same_as_in_memory_and_go_when_nobody_needs_them(tmp_path: Path) -> None:
    spool = Spool(tmp_path, {"a": pl.Int64()})
    for number in range(5):
        spool.add(pl.DataFrame({"a": [number, None]}))
    rows = spool.close()
    assert rows.collect()["a"].to_list() == [0, None, 1, None, 2, None, 3, None, 4, None]
    assert [piece.height for piece in rows.pieces(4)] == [4, 4, 2]
    assert (rows.height, rows.nulls) == (10, {"a": 5})
    del rows
    assert list(tmp_path.iterdir()) == []
