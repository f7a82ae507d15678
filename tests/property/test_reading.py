"""Whatever table is written in whatever dialect, the same table is read."""

import csv
import io
import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.area.contracts import DeliveryFile
from orchestration.feeds.rawtables import ROW, read_table

EXAMPLES = int(os.environ.get("JOINEDUP_READING_EXAMPLES", "300"))
HEADER = ["Ref", "Free text", "Opened"]
STRIPPED = " \t\r\n\u00a0\ufeff\f\x1a"
cell = st.text(
    st.one_of(
        st.sampled_from("abc019 ,;\t|~\"'\\\n=-*é£"),
        st.characters(blacklist_categories=["Cs", "Co"], blacklist_characters="\0\r"),
    ),
    max_size=12,
)
tables = st.lists(st.tuples(st.integers(0, 99).map("R{}".format), cell, cell), min_size=1, max_size=20)
dialects = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from([",", ";", "\t", "|", "~", "^"]),
        "lineterminator": st.sampled_from(["\n", "\r\n"]),
        "quoting": st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    }
)
encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"])
preambles = st.sampled_from(["", "Report of cases\n", '"Report, of ""cases"""\n\n', "\n\n"])


def written(rows: list[tuple[str, str, str]], dialect: dict[str, object]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, **dialect).writerows([HEADER, *rows])  # type: ignore[arg-type]
    return file.getvalue()


def kept(text: str) -> str | None:
    if text.strip(" \t").startswith('="') and text.strip(" \t\n").endswith('"') and text.count('"') == 2:
        text = text.strip()[2:-1]
    return text.strip(STRIPPED) or None


def without_footer(rows: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Rows of one cell under the last record are a footer, if no row above is like them."""
    alone = [sum(kept(cell) is not None for cell in row) == 1 for row in rows]
    end = len(rows)
    while end and alone[end - 1]:
        end -= 1
    return rows[:end] if end and not any(alone[:end]) else rows


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=tables, dialect=dialects, encoding=encodings, preamble=preambles)
def test_a_table_is_read_as_it_was_written(
    rows: list[tuple[str, str, str]], dialect: dict[str, object], encoding: str, preamble: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.csv"
        path.write_bytes((preamble + written(rows, dialect)).encode(encoding))
        table = read_table(path, DeliveryFile(pattern=".*"), HEADER)
    assert table.frame.select(ROW, *HEADER).rows() == [
        (number, *map(kept, cells)) for number, cells in enumerate(without_footer(rows), start=1)
    ]
