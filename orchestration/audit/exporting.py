"""The audit log for a governance lead's own tools: a CSV whose cells no spreadsheet runs, or the lines as they are."""

import csv
import io
from collections.abc import Iterable, Iterator

from orchestration.audit.chain import Record, line_of

FIRST = ("seq", "at", "kind", "who", "role", "asked", "policy", "snapshot", "outcome")
LAST = ("previous", "digest")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_lines(records: Iterable[Record]) -> Iterator[str]:
    """Yield records as they stand in the log: such a file, kept elsewhere, is what `verify --witnesses` reads."""
    for record in records:
        yield line_of(record).decode("ascii")


def as_csv(records: Iterable[Record]) -> Iterator[str]:
    """Yield the lines of a CSV: what every kind has in columns of its own, what only some have as `name=value`."""
    yield _row([*FIRST, "more", *LAST])
    for record in records:
        more = "; ".join(
            f"{name}={_text(value)}" for name, value in sorted(record.items()) if name not in (*FIRST, *LAST)
        )
        cells = [_text(record.get(name, "")) for name in FIRST]
        yield _row([*cells, more, *(_text(record.get(name, "")) for name in LAST)])


def neutral(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe stands before what could be one."""
    return f"'{text}" if text.lstrip().startswith(FORMULA) or text.startswith(FORMULA) else text


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _row(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([neutral(cell) for cell in cells])
    return out.getvalue()
