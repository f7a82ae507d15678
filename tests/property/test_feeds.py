"""Whatever is delivered, in whatever order: nothing is lost, nothing counts twice, and order does not matter."""

import itertools
import tempfile
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.area import Contract
from orchestration.feeds.receipts import read_receipts
from orchestration.settings import Settings
from tests.support.deliveries import (
    HEADER,
    as_csv,
    check,
    deliver,
    ingest,
    make_contract,
    make_settings,
    row,
    standing,
    token,
)

CELLS = st.sampled_from(
    ["", "*", "NULL", "n/a", "under 5", "1", "2", "A", "Z", "x", "31/02/2025", "03/02/2025", "Total"]
)
TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=6)
DIRTY = st.fixed_dictionaries(
    {
        "Ref": st.sampled_from(["P1", "P2", "P3", ""]),
        "Token": st.sampled_from([token(1), token(2), "", "short"]),
        "Sex": CELLS,
        "Born": st.sampled_from(["04/1980", "13/1980", "", "1980"]),
        "Ethnic": CELLS,
        "Case": st.sampled_from(["C1", "C2", "C3", "C4", ""]),
        "Start": st.sampled_from(["03/02/2025", "04/02/2025", "2025-02-03", "", "99/99/9999"]),
        "End": st.sampled_from(["", "01/02/2025", "05/03/2025", "*"]),
    }
)
DELIMITER = st.sampled_from([",", ";", "\t", "|"])
ENCODING = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])


@settings(max_examples=1_500, deadline=None)
@given(
    rows=st.lists(DIRTY, max_size=12),
    delimiter=DELIMITER,
    encoding=ENCODING,
    preamble=st.sampled_from(["", "A report\n", "One,two\n\n"]),
    ragged=st.booleans(),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    mode=st.sampled_from(["snapshot", "period", "append", "changes"]),
)
def test_delivered_is_accepted_and_quarantined_and_superseded_to_the_row(  # noqa: PLR0917 - what was drawn
    rows: list[dict[str, str]],
    delimiter: str,
    encoding: str,
    preamble: str,
    ragged: bool,
    line_end: str,
    mode: str,
) -> None:
    content = preamble + as_csv(rows, delimiter=delimiter) + (delimiter.join("abcdefghijk") + "\n" if ragged else "")
    with tempfile.TemporaryDirectory() as folder:
        receipt = check(Path(folder), content.replace("\n", line_end).encode(encoding), modes(mode))
    blank = sum(not any(cells.values()) for cells in rows)
    assert receipt.outcome != "refused"
    assert [f.rows for f in receipt.files] == [len(rows) - blank + ragged]
    for entity in receipt.entities.values():
        assert entity.delivered == entity.accepted + entity.quarantined + entity.superseded
        assert entity.delivered + entity.not_selected == len(rows) - blank + ragged


@settings(max_examples=150, deadline=None)
@given(content=st.one_of(st.binary(max_size=200), TEXT.map(lambda t: t.encode()), st.just(",".join(HEADER).encode())))
def test_no_content_whatever_breaks_the_reading(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        receipt = check(Path(folder), content)
    assert receipt.total.accepted == 0


DELIVERY = st.tuples(
    st.sampled_from(["2025-01", "2025-02", "2025-03"]),
    st.sampled_from(["20250405", "20250406", "20250407"]),
    st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from(["", "05/03/2025", "06/03/2025"]), st.booleans()), max_size=4
    ),
)


def outcome(home: Settings, mode: str) -> tuple[list[dict[str, object]], dict[str, list[tuple[object, ...]]]]:
    """Return the final receipts and standing rows, without file names: the same bytes may have come under two."""
    contract = modes(mode)
    receipts = [
        receipt.model_dump(exclude={"files": True, "checks": {"__all__": {"file"}}})
        for receipt in read_receipts(home, "debt_advice")
    ]
    rows = {entity: standing(home, entity, contract).drop("source_file").rows() for entity in ("person", "episode")}
    return receipts, rows


def modes(mode: str) -> Contract:
    deleted = {"deleted": {"Sex": ["D"]}} if mode == "changes" else {}
    return make_contract(delivery={"mode": mode, **deleted})


@settings(max_examples=50, deadline=None)
@given(
    deliveries=st.lists(DELIVERY, min_size=1, max_size=4, unique_by=lambda d: (d[0], d[1])),
    mode=st.sampled_from(["snapshot", "period", "append", "changes"]),
    data=st.data(),
)
def test_the_order_of_arrival_does_not_change_what_stands_nor_do_repeats(
    deliveries: list[tuple[str, str, list[tuple[int, str, bool]]]], mode: str, data: st.DataObject
) -> None:
    files = [
        (f"debt_{period}_{day}.csv", as_csv([row(n, End=end, Sex="D" if gone else "1") for n, end, gone in rows]))
        for period, day, rows in deliveries
    ]
    order = data.draw(st.permutations(files))
    splits = data.draw(st.integers(0, len(files)))
    with tempfile.TemporaryDirectory() as folder:
        together, apart = make_settings(Path(folder) / "a"), make_settings(Path(folder) / "b")
        for name, content in files:
            deliver(together, name, content)
        ingest(together, modes(mode))
        for place, (name, content) in enumerate(order):
            deliver(apart, name, content)
            if place >= splits:
                ingest(apart, modes(mode))
        ingest(apart, modes(mode))
        first = outcome(apart, mode)
        assert ingest(apart, modes(mode)).receipts == []
        assert outcome(apart, mode) == first == outcome(together, mode)
        standing_rows = sum(len(rows) for rows in first[1].values())
        receipts = read_receipts(apart, "debt_advice")
    accepted = sum(receipt.total.accepted for receipt in receipts)
    tombstones = mode == "changes"
    assert accepted == standing_rows or (tombstones and accepted >= standing_rows)
    assert all(len(group) <= 1 for group in _by_reference(first[1]["episode"]))


def _by_reference(rows: list[tuple[object, ...]]) -> list[list[tuple[object, ...]]]:
    reference = 5  # after the columns of provenance, without the file's name
    ordered = sorted(rows, key=lambda r: str(r[reference]))
    return [list(group) for _, group in itertools.groupby(ordered, key=lambda r: r[reference])]


def test_a_row_keeps_the_number_under_which_it_was_delivered(tmp_path: Path) -> None:
    home = make_settings(tmp_path)
    deliver(home, "debt_2025-03_20250405.csv", as_csv([row(1), row(2, Start=""), row(3)]))
    ingest(home)
    stored = pl.read_parquet(home.accepted / "deliveries" / "debt_advice" / "*" / "episode-*.parquet")
    assert stored["source_row"].to_list() == [1, 3]
