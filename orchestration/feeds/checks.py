"""The registry of checks, read from checks.yaml, and what one delivery's checks found.

What belongs here: ids, severities, guidance, and counting. What does not: deciding whether a row fails, which stands
beside the rule it belongs to (mapping, values, rowrules, plausibility) or among the comparisons with earlier periods
(comparisons).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from orchestration.errors import AreaPackError

Severity = Literal["refuse_delivery", "refuse_row", "warning", "information"]
Dimension = Literal["accuracy", "completeness", "consistency", "timeliness", "uniqueness", "validity"]
Judges = Literal["row", "rows", "delivery", "history"]
SEVERITIES: tuple[Severity, ...] = ("refuse_delivery", "refuse_row", "warning", "information")
DIMENSIONS: tuple[Dimension, ...] = (
    "completeness",
    "uniqueness",
    "consistency",
    "timeliness",
    "validity",
    "accuracy",
)
"""The six dimensions of the Government Data Quality Framework, in its order."""
EXAMPLES = 5
REGISTRY = resources.files("orchestration.feeds") / "checks.yaml"


class RowRule(BaseModel):
    """When a row fails by itself: an SQL expression over the entity's fields, once for each `entity.field`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fields: tuple[str, ...]
    when: str


class Check(BaseModel):
    """One check: what it means, why it matters and how to mend it, in words for a partner."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    severity: Severity
    dimension: Dimension
    judges: Judges
    what: str
    why: str
    mend: str
    fails: tuple[RowRule, ...] = ()

    @property
    def can_refuse_rows(self) -> bool:
        """Tell whether the check knows which rows fail it."""
        return self.judges in ("row", "rows")


class CheckResult(BaseModel):
    """What one check found in one delivery. `detail` names files and columns, never a cell's value.

    `field` is the canonical field that failed; it is empty where a whole record, a file or the delivery did.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    severity: Severity
    what: str
    why: str
    mend: str
    count: int
    entity: str | None = None
    field: str = ""
    file: str | None = None
    detail: str = ""
    example_rows: tuple[int, ...] = ()


@cache
def registry() -> dict[str, Check]:
    """Return every check by id, in the order in which the reference page lists them."""
    entries = yaml.load(REGISTRY.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return {name: Check(id=name, **entry) for name, entry in entries.items()}


@dataclass
class Findings:
    """Collects what the checks of one delivery find, under the severities that hold for its feed."""

    overrides: Mapping[str, str] = field(default_factory=dict)
    results: list[CheckResult] = field(default_factory=list)

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.overrides) - set(registry())):
            raise AreaPackError(
                f"contract key 'checks': {', '.join(unknown)} is not a check (docs/reference/checks.md lists them)."
            )
        rowless = [name for name, chosen in self.overrides.items() if chosen == "refuse_row" and not _has_rows(name)]
        if rowless:
            raise AreaPackError(
                f"contract key 'checks': {', '.join(sorted(rowless))} cannot be refuse_row, since no single row fails "
                "it; use refuse_delivery, warning, information or off."
            )

    def severity(self, check_id: str) -> Severity | None:
        """Return the severity of a check in this feed, or None when the contract switches it off."""
        chosen = self.overrides.get(check_id, registry()[check_id].severity)
        return next((s for s in SEVERITIES if s == chosen), None)

    def add(
        self,
        check_id: str,
        count: int,
        *,
        entity: str | None = None,
        field: str = "",
        file: str | None = None,
        detail: str = "",
        rows: Iterable[int] = (),
    ) -> None:
        """Record a failed check; nothing is recorded for a count of zero or a check that is off."""
        severity = self.severity(check_id)
        if count <= 0 or severity is None:
            return
        check = registry()[check_id]
        self.results.append(
            CheckResult(
                id=check_id,
                severity=severity,
                what=check.what,
                why=check.why,
                mend=check.mend,
                count=count,
                entity=entity,
                field=field,
                file=file,
                detail=detail,
                example_rows=tuple(rows)[:EXAMPLES],
            )
        )

    @property
    def refuses(self) -> bool:
        """Tell whether any finding refuses the whole delivery."""
        return any(result.severity == "refuse_delivery" for result in self.results)

    def sorted_results(self) -> tuple[CheckResult, ...]:
        """Return the findings, the gravest first, in a stable order."""
        order = list(registry())
        return tuple(
            sorted(
                self.results,
                key=lambda r: (
                    SEVERITIES.index(r.severity),
                    order.index(r.id),
                    r.entity or "",
                    r.file or "",
                    r.detail,
                    r.field,
                ),
            )
        )


def _has_rows(check_id: str) -> bool:
    return registry()[check_id].can_refuse_rows
