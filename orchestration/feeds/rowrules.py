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

    def known(self) -> dict[str, date]:
        """Return the days by name; without a reporting period those of the period are absent."""
        ahead = self.delivered_on.replace(year=self.delivered_on.year + HORIZON_YEARS, day=1)
        found = {"delivered_on": self.delivered_on, "horizon": ahead}
        if self.period:
            found |= {"period_start": period_start(self.period), "period_end": period_end(self.period)}
        return found


def row_rules(entity: Entity, fields: Collection[str], days: Days) -> Iterator[tuple[str, str, pl.Expr]]:
    """Yield check id, field and the expression that marks the rows that fail.

    `fields` are those that the contract fills. Left out are rules about another one, rules about a period where the
    delivery has none, and rules by which a field should be there that nobody agreed to send.
    """
    known = days.known()
    for check_id, name, text in _rules(entity):
        if {name, *ABSENT.findall(text)} <= set(fields) and set(DAY.findall(text)) <= set(known):
            yield check_id, name, pl.sql_expr(DAY.sub(lambda found: f"DATE '{known[found[1]]}'", text))


def period_start(period: str) -> date:
    """Return the first day of a reporting period."""
    year, _, part = period.partition("-")
    month = 1 if not part else int(part[1:]) * 3 - 2 if part.startswith("Q") else int(part)
    return date(int(year), month, 1)


@cache
def _rules(entity: Entity) -> tuple[tuple[str, str, str], ...]:
    """Return check id, field and expression of every rule about an entity, one for each check and field."""
    found: dict[tuple[str, str], str] = {}
    for check in registry().values():
        for rule in check.fails:
            for owner, _, name in (place.partition(".") for place in rule.fields):
                if owner == entity:
                    text = f"({FIELD.sub(name, rule.when)})"
                    before = found.get((check.id, name))
                    found[check.id, name] = f"{before} or {text}" if before else text
    return tuple((check_id, name, text) for (check_id, name), text in found.items())
