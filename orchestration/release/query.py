"""One answer as text for the command line: an aligned table for people, CSV or JSON for programs; or as files."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from orchestration.release import words
from orchestration.release.files import write_table
from orchestration.release.gate import Gate
from orchestration.release.grammar import Refused, Request
from orchestration.release.table import ProtectedTable

Format = Literal["table", "json", "csv"]
FORMATS: tuple[Format, ...] = ("table", "json", "csv")
HIDDEN = "hidden"


def run_query(
    gate: Gate,
    *,
    measure: str,
    by: Iterable[str] = (),
    where: Iterable[str] = (),
    period: str = "all",
    policy: str = "dashboard",
    output: str = "table",
    out: Path | None = None,
) -> str:
    """Return the answer to a question put in texts (`where` as "dimension=value,value"), in the format asked for.

    With `out` it is written to that file instead, in the form its name ends in, and what is returned are the names.

    Raises Refused for what the grammar or the gate does not allow, with the alternatives.
    """
    if output not in FORMATS:
        raise Refused("There is no such format.", allowed=FORMATS)
    table = gate.answer(Request.parse(measure=measure, by=by, where=where, period=period, policy=policy))
    if out is not None:
        return "".join(f"{path}\n" for path in write_table(table, out))
    if output == "json":
        return table.to_json() + "\n"
    return table.to_csv() if output == "csv" else format_table(table)


def format_table(table: ProtectedTable) -> str:
    """Return a table with labels, figures aligned right, hidden ones named, and the birth certificate under it."""
    unit = words.MEASURES[table.request.measure].unit
    header = [*(words.DIMENSIONS[name].label for name in table.columns[:-1]), unit]
    lines = [header]
    for index, row in enumerate(table.rows):
        labels = [table.label(name, str(code)) for name, code in zip(table.columns[:-1], row[:-1], strict=True)]
        at_least = "at least " if table.at_least and table.at_least[index] else ""
        lines.append([*labels, HIDDEN if row[-1] is None else f"{at_least}{int(row[-1]):,}"])
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    text = [_aligned(lines[0], widths), "  ".join("-" * width for width in widths)]
    text += [_aligned(line, widths) for line in lines[1:]]
    total = "hidden" if table.total is None else f"{table.total:,}"
    text += ["", f"Everyone in this selection: {total} {unit}"]
    text += [f"{heading}: {content}" for heading, content in table.certificate.lines()]
    return "\n".join(text) + "\n"


def _aligned(cells: list[str], widths: list[int]) -> str:
    labels = [cell.ljust(width) for cell, width in zip(cells[:-1], widths[:-1], strict=True)]
    return "  ".join([*labels, cells[-1].rjust(widths[-1])])
