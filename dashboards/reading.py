"""Reading protected tables: from rows to the label-and-count pairs that figures and findings take.

What belongs here: picking and ordering published figures. What does not: any arithmetic that the gate should do.
"""

from collections.abc import Iterable, Sequence

from orchestration.release import ProtectedTable

Pair = tuple[str, int | None]


def pairs(table: ProtectedTable, *, without: Iterable[str] = ()) -> list[Pair]:
    """Return (label, figure) of a table by one dimension, in its order; codes in `without` are left out."""
    (dimension,) = table.request.by
    left_out = set(without)
    return [
        (table.label(dimension, str(code)), _figure(value)) for code, value in table.rows if str(code) not in left_out
    ]


def by_code(table: ProtectedTable) -> dict[str, int | None]:
    """Return {code: figure} of a table by one dimension."""
    return {str(row[0]): _figure(row[-1]) for row in table.rows}


def by_two_codes(table: ProtectedTable) -> dict[tuple[str, str], int | None]:
    """Return {(first code, second code): figure} of a table by two dimensions."""
    return {(str(row[0]), str(row[1])): _figure(row[-1]) for row in table.rows}


def complete(codes: Sequence[str], found: dict[str, int | None]) -> list[int | None]:
    """Return the figures of codes in order; a code without a row counts as hidden, never as zero."""
    return [found.get(code) for code in codes]


def _figure(value: str | int | None) -> int | None:
    return value if isinstance(value, int) else None
