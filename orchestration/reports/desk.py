"""Asking the release gate for a report: one place that remembers what was asked, hidden and refused.

What belongs here: turning requests into plain values. What does not: choosing them, or their words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from orchestration.release import BirthCertificate, Gate, ProtectedTable, Refused, Request

Code = tuple[str, ...]


@dataclass
class Desk:
    """A reader of the gate for one report; `asked` and `refused` are what the report says about its own gaps."""

    gate: Gate
    policy: str = "dashboard"
    asked: list[ProtectedTable] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def ask(
        self,
        measure: str,
        *,
        period: str,
        by: Iterable[str] = (),
        where: Mapping[str, tuple[str, ...]] | None = None,
    ) -> ProtectedTable | None:
        """Return the gate's table, or None when it refuses (too few people, a dimension the area has not)."""
        try:
            table = self.gate.answer(
                Request(measure=measure, by=tuple(by), where=where or {}, period=period, policy=self.policy),
                who="report",
            )
        except Refused as refusal:
            self.refused.append(refusal)
            return None
        self.asked.append(table)
        return table

    def total(self, measure: str, *, period: str) -> int | None:
        """Return one published figure without any breakdown; None is hidden or refused."""
        table = self.ask(measure, period=period)
        return table.total if table else None

    def cells(self, measure: str, *by: str, period: str) -> dict[Code, int | None]:
        """Return published values by their codes, in the order of `by`; empty when the gate refuses."""
        table = self.ask(measure, by=by, period=period)
        if table is None:
            return {}
        return {tuple(str(code) for code in row[:-1]): _figure(row[-1]) for row in table.rows}

    def certificate(self, measure: str, *, period: str) -> BirthCertificate | None:
        """Return the certificate of the whole-area figure of a measure, if it was asked and granted."""
        for table in self.asked:
            request = table.request
            if request.measure == measure and request.period == period and not request.by and not request.where:
                return table.certificate
        return None

    def hidden(self) -> tuple[int, int]:
        """Return how many of the cells asked for are hidden, and how many there are."""
        return sum(table.hidden_cells for table in self.asked), sum(len(table.rows) for table in self.asked)


def _figure(value: object) -> int | None:
    return value if isinstance(value, int) else None


@dataclass(frozen=True)
class Sum:
    """Published cells added up; `whole` is False when one of them is hidden, so that the value means 'at least'."""

    value: int | None
    whole: bool


def added(cells: Mapping[Code, int | None], *codes: str) -> Sum:
    """Add published cells by their first code; the value is None when every one of them is hidden or absent."""
    found = [cells.get((code,)) for code in codes]
    shown = [value for value in found if value is not None]
    return Sum(sum(shown) if shown else None, whole=len(shown) == len(found))
