"""`ProtectedTable`: the only thing with figures of people that leaves the gate.

It has no place for a true count, a cell key or a hidden value, it cannot be changed, and it refuses to be built with a
figure that the rules cannot have produced.
"""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl

from orchestration.errors import ReleaseError
from orchestration.release.certificate import BirthCertificate
from orchestration.release.grammar import Request
from orchestration.release.policy import POLICIES, Policy

Row = tuple[str | int | None, ...]
# A spreadsheet takes a cell that starts with one of these for a formula (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class ProtectedTable:
    """One answer: a row per cell of `request.by`, each row the codes in that order and then the figure or None.

    `labels` gives {dimension: {code: label}}; `total` is the protected figure of everyone in the population asked for
    (its own cell: parts need not add up to it); `at_least` marks rows that are sums of which a part is hidden. `policy`
    has the area's numbers; left out, the table is held to those that were measured.
    """

    request: Request
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    labels: Mapping[str, Mapping[str, str]]
    total: int | None
    certificate: BirthCertificate
    at_least: tuple[bool, ...] = ()
    policy: Policy | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.columns != (*self.request.by, "value"):
            raise ReleaseError("A protected table has the dimensions of its request and one column of figures.")
        figures = [row[-1] for row in self.rows]
        policy = self.policy or POLICIES[self.request.policy]
        if policy.name != self.request.policy:
            raise ReleaseError("A protected table is held to the policy that its request names.")
        for figure in (*figures, self.total):
            if figure is None:
                continue
            if type(figure) is not int or figure < policy.threshold or figure % policy.rounding_base:
                raise ReleaseError("A protected table holds only figures at or above the threshold, and rounded.")
        width = len(self.columns)
        if any(len(row) != width or not all(isinstance(code, str) for code in row[:-1]) for row in self.rows):
            raise ReleaseError("Every row of a protected table is its codes and one figure.")
        if self.at_least and len(self.at_least) != len(self.rows):
            raise ReleaseError("'at_least' marks every row or none.")
        frozen = {name: MappingProxyType(dict(codes)) for name, codes in self.labels.items()}
        object.__setattr__(self, "labels", MappingProxyType(frozen))

    @property
    def hidden_cells(self) -> int:
        """Return how many rows have no figure: too few, none, or too close to everyone. They look the same."""
        return sum(row[-1] is None for row in self.rows)

    def label(self, dimension: str, code: str) -> str:
        """Return the label of a code, or the code itself."""
        return self.labels.get(dimension, {}).get(code, code)

    def share(self, index: int) -> int | None:
        """Return row `index` as whole per cent of the total, from published figures only; never 0 or 100."""
        figure = self.rows[index][-1]
        if not isinstance(figure, int) or not self.total:
            return None
        return min(99, max(1, round(100 * figure / self.total)))

    def to_dicts(self, *, labels: bool = False) -> list[dict[str, str | int | bool | None]]:
        """Return one dict per row: codes (or labels), `value`, and `at_least` where rows are sums of several values."""
        result: list[dict[str, str | int | bool | None]] = []
        for index, row in enumerate(self.rows):
            entry: dict[str, str | int | bool | None] = {
                name: self.label(name, str(code)) if labels else str(code)
                for name, code in zip(self.columns[:-1], row[:-1], strict=True)
            }
            entry["value"] = row[-1]
            if self.at_least:
                entry["at_least"] = self.at_least[index]
            result.append(entry)
        return result

    def to_polars(self) -> pl.DataFrame:
        """Return the rows as a frame: dimension codes as String, `value` as Int64 (null: hidden)."""
        schema = {name: pl.String() for name in self.columns[:-1]} | {"value": pl.Int64()}
        return pl.DataFrame([list(row) for row in self.rows], schema=schema, orient="row")

    def to_json(self) -> str:
        """Return request, rows, total and birth certificate as JSON."""
        return json.dumps(
            {
                "request": {
                    "measure": self.request.measure,
                    "by": list(self.request.by),
                    "where": {name: list(values) for name, values in self.request.where.items()},
                    "period": self.request.period,
                    "policy": self.request.policy,
                },
                "rows": self.to_dicts(),
                "labels": {name: dict(codes) for name, codes in self.labels.items()},
                "total": self.total,
                "hidden_cells": self.hidden_cells,
                "certificate": self.certificate.to_dict(),
            },
            ensure_ascii=False,
            indent=2,
        )

    def to_csv(self, *, certificate: bool = True) -> str:
        """Return a CSV for spreadsheets: codes and labels, the figure (empty: hidden), then the certificate below.

        The certificate follows the rows, after an empty line, so that the first row is the header for every reader.
        """
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\r\n")
        dimensions = self.columns[:-1]
        header = [*(column for name in dimensions for column in (name, f"{name}_label")), "value"]
        writer.writerow([*header, "at_least"] if self.at_least else header)
        for index, row in enumerate(self.rows):
            cells: list[str | int] = []
            for name, code in zip(dimensions, row[:-1], strict=True):
                cells += [neutralise(str(code)), neutralise(self.label(name, str(code)))]
            cells.append("" if row[-1] is None else int(row[-1]))
            if self.at_least:
                cells.append("yes" if self.at_least[index] else "no")
            writer.writerow(cells)
        if certificate:
            writer.writerow([])
            writer.writerow(["Total", "" if self.total is None else self.total])
            for heading, text in self.certificate.lines():
                writer.writerow([neutralise(heading), neutralise(text)])
        return stream.getvalue()


def neutralise(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe before a dangerous first character."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text
