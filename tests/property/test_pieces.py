"""A delivery comes to the same receipt, rows and quarantine in whatever pieces it is read.

The oracle is the delivery read whole: as one piece, and by the reader that holds all of a file's text.
"""

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestration.area import Contract
from orchestration.feeds import acceptance, processing, tables
from orchestration.feeds.clear_identifiers import ANY, NAME_SHAPE
from orchestration.feeds.deliveries import delivery_of
from orchestration.feeds.distinct import REFERENCE, encode
from orchestration.feeds.duplicates import Duplicates
from orchestration.feeds.mapping import Mapper
from orchestration.feeds.processing import Rules, process_delivery
from orchestration.feeds.store import Store
from orchestration.feeds.values import ANY_MARKER
from tests.support.deliveries import HEADER, ITEMS, as_csv, make_contract, make_settings, row, token

PIECES = (1, 3, 7)
MODES = ("snapshot", "period", "append", "changes")
WHOLE = 10**6
CELLS = st.sampled_from(["", "*", "n/a", "1", "2", "A", "Z", "x", " 1 ", '="1"', "=1+1", "Refused", "Smith"])
DATES = st.sampled_from(["03/02/2025", "04/02/2025", "13/02/2025", "02/13/2025", "2025-02-03", "", "99/99/9999", "*"])
ROWS = st.fixed_dictionaries(
    {
        "Ref": st.sampled_from(["P1", "P2", "P3", "", "Total", " P1"]),
        "Token": st.sampled_from([token(1), token(2), "", "short"]),
        "Sex": CELLS,
        "Born": st.sampled_from(["04/1980", "13/1980", "", "1980"]),
        "Ethnic": CELLS,
        "Case": st.sampled_from(["C1", "C2", "C3", "C4", "C5", ""]),
        "Start": DATES,
        "End": DATES,
    }
)
EXTRA = st.sampled_from(
    [
        "",
        "Printed on 3 March,,,,,,,\n",
        "\x1a",
        "Signed\n\nTotal\nPage 1\n\f\n",
        "a,b,c,d,e,f,g,h,more\n",
        ",,,,,,,,,,more\n",
        ",,,,,,,\n",
        "\n",
        "Trailer of the file\n",
    ]
)
STRICT: list[dict[str, Any]] = [
    {},
    {"reference_repeated": "refuse_row"},
    {"near_duplicate": "refuse_row", "episodes_overlap": "refuse_row", "person_unknown": "refuse_row"},
    {"code_not_in_list": "refuse_row", "date_unreadable": "warning", "required_missing": "warning"},
]


@dataclass(frozen=True)
class Came:
    """What a delivery came to, as it is stored."""

    receipt: str
    rows: dict[str, list[tuple[Any, ...]]]
    quarantine: list[tuple[Any, ...]]
    digests: dict[str, str]


def contract_of(mode: str, checks: dict[str, Any], *, formats: int = 1) -> Contract:
    plain = make_contract(mode).model_dump(by_alias=True, exclude_none=True)
    both = ["%d/%m/%Y", "%m/%d/%Y"][:formats]
    for name in ("start_date", "end_date"):
        plain["entities"]["episode"]["columns"][name]["formats"] = both
    plain["files"]["main"]["footer_pattern"] = "^Trailer"
    plain["delivery"] |= {"deleted": {"Sex": ["x"]}} if mode == "changes" else {}
    return Contract.model_validate(plain | {"checks": checks})


def come_to(
    content: str, contract: Contract, *, pieces: int, readings: tuple[int | None, ...] = tables.READINGS
) -> Came:
    """Read and store one delivery in pieces of so many rows, by these readers of text."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(acceptance, "PIECE_ROWS", pieces)
        patch.setattr(processing, "READINGS", readings)
        home = make_settings(Path(folder))
        path = Path(folder) / "debt_2025-03_20250405.csv"
        path.write_bytes(content.encode())
        rules = Rules(contract, frozenset(ITEMS), (), date(2026, 10, 20), folder=home.accepted)
        done = process_delivery(delivery_of(contract, [path]), rules)
        rows = {str(entity): found.collect().rows() for entity, found in done.accepted.items()}
        quarantine = done.quarantined.collect().rows()
        digests = Store(home).put(done)
        return Came(done.receipt.model_dump_json(), rows, quarantine, digests)


@settings(max_examples=120, deadline=None)
@given(
    rows=st.lists(ROWS, max_size=24),
    pieces=st.sampled_from(PIECES),
    mode=st.sampled_from(MODES),
    checks=st.sampled_from(STRICT),
    formats=st.sampled_from([1, 2]),
    extra=EXTRA,
    at=st.integers(0, 24),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_a_delivery_read_in_pieces_comes_to_what_it_comes_to_read_whole(  # noqa: PLR0917 - what was drawn
    rows: list[dict[str, str]],
    pieces: int,
    mode: str,
    checks: dict[str, Any],
    formats: int,
    extra: str,
    at: int,
    mark: str,
) -> None:
    lines = as_csv(rows).splitlines(keepends=True)
    lines.insert(1 + min(at, len(rows)), extra)
    content, contract = mark + "".join(lines), contract_of(mode, checks, formats=formats)
    whole = come_to(content, contract, pieces=WHOLE, readings=(None,))
    assert come_to(content, contract, pieces=WHOLE) == whole
    assert come_to(content, contract, pieces=pieces) == whole


MANY = [
    row(number, Ref=f"P{number % 5}", Case=f"C{number % 11}", Start=f"{number % 12 + 1:02}/{number % 7 + 1:02}/2025")
    for number in range(40)
]


def faults_of(contract: Contract) -> bool:
    """Tell whether reading in pieces of 7 rows comes to anything else than reading whole."""
    content = as_csv(MANY)
    return come_to(content, contract, pieces=7) != come_to(content, contract, pieces=WHOLE, readings=(None,))


def test_rows_numbered_anew_in_every_piece_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    from orchestration.feeds.rawtables import Finished, Layout

    right = Layout.finished

    def wrong(self: Layout, body: pl.DataFrame, *, first_row: int = 1) -> Finished:
        return right(self, body, first_row=1)

    assert not faults_of(contract_of("snapshot", {}))
    monkeypatch.setattr(Layout, "finished", wrong)
    assert faults_of(contract_of("snapshot", {}))


def test_duplicates_looked_for_in_one_piece_only_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Duplicates.add

    def wrong(self: Duplicates, rows: pl.DataFrame) -> None:
        right(self, rows)
        self._first[-1] = self._first[-1] + len(self._first)

    assert not faults_of(contract_of("snapshot", {}))
    monkeypatch.setattr(Duplicates, "add", wrong)
    assert faults_of(contract_of("snapshot", {}))


def test_a_date_format_decided_by_one_piece_only_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    contract = contract_of("snapshot", {}, formats=2)
    right = Mapper.vote

    def wrong(self: Mapper, joined: Any) -> None:
        if not self._voted:
            right(self, joined)

    lines = [row(n, Case=f"C{n}", Start="03/02/2025" if n < 20 else "13/02/2025") for n in range(40)]
    monkeypatch.setattr(f"{__name__}.MANY", lines)
    assert not faults_of(contract)
    monkeypatch.setattr(Mapper, "vote", wrong)
    assert faults_of(contract)


@given(st.from_regex(REFERENCE.replace("$", r"\Z")))
@example("a" * 31 + "1")
@example("0" * 32)
@example("AB123456")
def test_what_is_shaped_like_a_reference_is_no_marker_no_name_no_identifier_and_not_padded(cell: str) -> None:
    text = pl.Series([cell])
    assert text.str.contains(REFERENCE).all()
    assert not any(text.str.contains(pattern).any() for pattern in (ANY, NAME_SHAPE, ANY_MARKER))
    assert cell == cell.strip()


@given(st.lists(st.one_of(st.none(), st.sampled_from(["", "a", "b", " c"])), min_size=1), st.integers(2_000, 2_100))
def test_distinct_values_spread_over_their_rows_are_the_column(values: list[str | None], height: int) -> None:
    column = pl.Series("x", (values * height)[:height], dtype=pl.String)
    found = encode(column)
    assert found.places is not None
    assert found.spread(found.values).equals(column, null_equal=True)


def test_a_large_column_of_names_is_found_by_a_sample_and_counted_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acceptance, "PIECE_ROWS", 50)
    from orchestration.feeds import identifier_screen

    monkeypatch.setattr(identifier_screen, "DISTINCT_VALUES", 20)
    rows = [row(n, Ethnic=("A", "Susan Clarke", "John Smith", f"Mary Jones {'x' * n}")[n % 4]) for n in range(200)]
    came = come_to(as_csv(rows), contract_of("snapshot", {}), pieces=50)
    assert '"direct_identifiers"' in came.receipt
    assert HEADER[4] in came.receipt
