"""The checks of a row by itself, made from the expressions of checks.yaml.

What belongs here: from text to polars. What does not: which rows are then refused (orchestration.feeds.acceptance).
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

from orchestration.area.contracts import Entity
from orchestration.feeds.checks import registry
from orchestration.feeds.deliveries import period_end

HORIZON_YEARS = 10
DAY = re.compile(r":([a-z_]+)")
FIELD = re.compile(r"\bthis\b")
ABSENT = re.compile(r"(?i)\b(\w+) is null\b")


@dataclass(frozen=True)
class Days:
    """The days of a delivery that rules may name. `delivered_on`: after it nothing can have happened yet."""

    delivered_on: date
    period: str | None = None
    reaches_back: bool = False
    """Whether rows of earlier periods belong in the delivery: in every mode but `period`."""

    def known(self) -> dict[str, date]:
        """Return the days by name; those of the period are absent where there is none, or it is not the limit."""
        ahead = self.delivered_on.replace(year=self.delivered_on.year + HORIZON_YEARS, day=1)
        found = {"delivered_on": self.delivered_on, "horizon": ahead}
        if self.period:
            found["period_end"] = period_end(self.period)
        if self.period and not self.reaches_back:
            found["period_start"] = period_start(self.period)
        return found


def row_rules(entity: Entity, fields: Collection[str], days: Days) -> Iterator[tuple[str, str, pl.Expr]]:
    """Yield check id, field and the expression that marks the rows that fail.

    `fields` are those that the contract fills. Left out are rules about another one, rules about a period where the
    delivery has none, and rules by which a field should be there that nobody agreed to send.
    """
    known = days.known()
    for (check_id, name), texts in _rules(entity).items():
        rules = [
            pl.sql_expr(DAY.sub(lambda found: f"DATE '{known[found[1]]}'", text))
            for text in texts
            if {name, *ABSENT.findall(text)} <= set(fields) and set(DAY.findall(text)) <= set(known)
        ]
        if rules:
            yield check_id, name, pl.any_horizontal(rules)


def period_start(period: str) -> date:
    """Return the first day of a reporting period."""
    year, _, part = period.partition("-")
    month = 1 if not part else int(part[1:]) * 3 - 2 if part.startswith("Q") else int(part)
    return date(int(year), month, 1)


@cache
def _rules(entity: Entity) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the expressions about an entity, by check id and field."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for check in registry().values():
        for rule in check.fails:
            for owner, _, name in (place.partition(".") for place in rule.fields):
                if owner == entity:
                    found[check.id, name] = (*found.get((check.id, name), ()), FIELD.sub(name, rule.when))
    return found
