"""Costs on a page: what published sums come to at the low and the high end of the area's unit costs.

What belongs here: arithmetic on published figures and the pack's table. What does not: sentences, charts, people.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class UnitCost:
    """One fiscal unit cost: low and high as shares of the central one."""

    service: str
    payer: str
    pounds: float
    low: float
    high: float


def unit_costs(table: pl.DataFrame) -> list[UnitCost]:
    """Return the fiscal unit costs of an area's table that cost anything."""
    fiscal = table.filter((pl.col("cost_type") == "fiscal") & (pl.col("cost_gbp") > 0))
    return [
        UnitCost(service, payer, pounds, low / pounds, high / pounds)
        for service, payer, pounds, low, high in fiscal.select(
            "service_id", "borne_by", "cost_gbp", "cost_low_gbp", "cost_high_gbp"
        ).rows()
    ]


def by_service(costs: Mapping[str, int | None], table: list[UnitCost]) -> dict[str, Range]:
    """Return for each visible service what its cost is with its unit costs low, and high."""
    found: dict[str, Range] = {}
    for service, own in _of_services(table).items():
        cost, whole = costs.get(service), sum(one.pounds for one in own)
        if cost is not None:
            found[service] = (
                cost * sum(one.pounds * one.low for one in own) / whole,
                cost * sum(one.pounds * one.high for one in own) / whole,
            )
    return found


def by_payer(
    costs: Mapping[str, int | None], payers: Mapping[str, int | None], table: list[UnitCost]
) -> dict[str, Range]:
    """Return for each visible payer its cost with all unit costs low, and high.

    The width is that of its visible services together; a payer without one has no range.
    """
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for service, own in _of_services(table).items():
        whole = sum(one.pounds for one in own)
        for one in own:
            part = (costs.get(service) or 0) * one.pounds / whole
            sums[one.payer] = [
                sum(pair) for pair in zip(sums[one.payer], (part, part * one.low, part * one.high), strict=True)
            ]
    return {
        payer: (value * sums[payer][1] / sums[payer][0], value * sums[payer][2] / sums[payer][0])
        for payer, value in payers.items()
        if value is not None and payer in sums and sums[payer][0]
    }


def per_person(costs: Mapping[str, int | None], people: Mapping[str, int | None]) -> dict[str, float | None]:
    """Return the published cost over the published people, None where either is hidden."""
    return {
        code: None if cost is None or not people.get(code) else cost / (people[code] or 1)
        for code, cost in costs.items()
    }


def pounds(value: float | None) -> str:
    """Write pounds with three digits at most: noise and rounding leave no more."""
    if value is None:
        return "hidden"
    if value >= 999_500:
        return f"£{value / 1e6:.3g} million"
    return f"£{float(f'{value:.3g}'):,.0f}"


def _of_services(table: list[UnitCost]) -> dict[str, list[UnitCost]]:
    found: dict[str, list[UnitCost]] = defaultdict(list)
    for one in table:
        found[one.service].append(one)
    return found
