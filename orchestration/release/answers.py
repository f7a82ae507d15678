"""From a request to a protected table: choose cells, sum published ones, refuse what is too sparse, label.

Works on published cells only; true counts end in engine.py.
"""

from dataclasses import dataclass
from itertools import product
from typing import Protocol

from orchestration.release import words
from orchestration.release.catalogue import Catalogue
from orchestration.release.cells import Code, Period
from orchestration.release.engine import OTHER, Published
from orchestration.release.grammar import Refused, Request
from orchestration.release.lattice import COARSER
from orchestration.release.policy import Policy

GEOGRAPHIES = ("msoa", "lad")


class Publisher(Protocol):
    """Gives whole protected tables, from the cache or the engine."""

    def __call__(self, *, measure: str, attributes: tuple[str, ...], period: Period) -> Published: ...


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one answer: a row per cell (codes, then figure or None), which rows are partial sums, the total."""

    rows: tuple[tuple[str | int | None, ...], ...]
    at_least: tuple[bool, ...]
    total: int | None


def find_figures(request: Request, catalogue: Catalogue, policy: Policy, publish: Publisher) -> Figures:
    """Return the figures of a request, or refuse it with the reason (the gate adds the coarser offer)."""
    period = _period(request, catalogue)
    chosen = _chosen_codes(request, catalogue)
    published = publish(measure=request.measure, attributes=request.attributes, period=period)
    total = _total(request, chosen, publish, period)
    cells = _cells(request, catalogue, chosen, published)
    if request.by:
        if total is None or total < policy.smallest_base:
            raise Refused(
                f"Fewer than {policy.smallest_base} {words.MEASURES[request.measure].unit} are in this selection: "
                "too few to divide further."
            )
        published = _without_sparse(request, policy, publish, period, cells=cells, published=published)
    sums = any(len(codes) > 1 for name, codes in chosen.items() if name not in request.by)
    rows, at_least = [], []
    for code, parts in cells.items():
        figures = [published[part] for part in parts if part in published]
        rows.append((*code, sum(figures) if figures else None))
        at_least.append(bool(figures) and len(figures) < len(parts))
    return Figures(tuple(rows), tuple(at_least) if sums else (), total)


def _period(request: Request, catalogue: Catalogue) -> Period:
    period = catalogue.directory.periods.get(request.period)
    if period is None:
        level = next(iter(request.rule.levels[-2:]), "all")
        allowed = [entry.code for entry in catalogue.periods if entry.level in (level, "all")]
        raise Refused(f"The data have no period '{request.period}'.", allowed=allowed)
    return period


def _chosen_codes(request: Request, catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Return for each attribute with a filter the codes chosen; a coarser filter chooses among the finer values."""
    chosen: dict[str, tuple[str, ...]] = {}
    for name, values in request.where.items():
        allowed = catalogue.codes(name)
        unknown = [value for value in values if value not in allowed]
        if unknown and name != "theme_set":
            raise Refused(f"The filter '{name}' has no such value.", allowed=allowed)
        finer = next((other for other in request.attributes if COARSER.get(other) == name), None)
        if finer is None:
            chosen[name] = values
        else:
            nested = catalogue.dimensions[finer].values
            chosen[finer] = tuple(value.code for value in nested if value.parent in values)
    for name, values in request.where.items():
        if name in request.attributes and name in chosen:
            chosen[name] = tuple(code for code in values if code in chosen[name])
    return chosen


def _total(request: Request, chosen: dict[str, tuple[str, ...]], publish: Publisher, period: Period) -> int | None:
    attributes = tuple(sorted(request.where))
    published = publish(measure=request.measure, attributes=attributes, period=period)
    figures = [published[code] for code in product(*(request.where[name] for name in attributes)) if code in published]
    return sum(figures) if figures else None


def _cells(
    request: Request, catalogue: Catalogue, chosen: dict[str, tuple[str, ...]], published: Published
) -> dict[Code, list[Code]]:
    """Return for each row of the answer the cells that it sums; a dense list, so that absence says nothing.

    Where hidden values merge into "other" the rows are the visible cells and "other", because the list of combinations
    that exist is itself a figure about people.
    """
    attributes = request.attributes
    if request.rule.merges_into_other in attributes:
        index = attributes.index(str(request.rule.merges_into_other))
        groups = {(*code[:index], OTHER, *code[index + 1 :]) for code in published}
        every = sorted(published.keys() | groups, key=lambda code: (-published.get(code, 0), code))
        codes = [
            code for code in every if all(value in chosen.get(name, (value,)) for name, value in zip(attributes, code, strict=True))
        ]  # fmt: skip
    else:
        domains = [chosen.get(name) or catalogue.codes(name) for name in attributes]
        codes = [code for code in product(*domains) if _can_exist(attributes, code)]
    order = [attributes.index(name) for name in request.by]
    cells: dict[Code, list[Code]] = {}
    for code in codes:
        cells.setdefault(tuple(code[index] for index in order), []).append(code)
    return cells if cells or request.by else {(): []}


def _can_exist(attributes: tuple[str, ...], code: Code) -> bool:
    """Return whether a cell can hold anybody by definition: a pair is of two different services."""
    values = dict(zip(attributes, code, strict=True))
    for one, other in (("service_a", "service_b"), ("theme_a", "theme_b")):
        if one in values and values.get(one) == values.get(other):
            return False
    return not (values.get("from_service", values.get("from_theme")) == "START" and "END" in code)


def _without_sparse(
    request: Request,
    policy: Policy,
    publish: Publisher,
    period: Period,
    *,
    cells: dict[Code, list[Code]],
    published: Published,
) -> Published:
    """Refuse a table of which too much would be hidden; by area, drop the areas that fail (ONS does so area by area).

    Only cells of values that are themselves published one by one are counted, so that services without data and rare
    "not known" do not decide. Relations (pairs, moves, steps) are sparse by nature: counted only beyond the relation.
    """
    attributes = request.attributes
    relation = next((group for group in request.rule.relation if set(group) <= set(attributes)), ())
    extra = tuple(name for name in attributes if name not in relation)
    if relation and not extra:
        return published
    margins = (
        [(relation, publish(measure=request.measure, attributes=tuple(sorted(relation)), period=period))]
        if relation
        else []
    )
    margins = [(tuple(sorted(group)), margin) for group, margin in margins]
    if len(attributes) > 1:
        margins += [
            ((name,), publish(measure=_margin_measure(request), attributes=(name,), period=period)) for name in extra
        ]
    places = [(index, name) for index, name in enumerate(attributes) if name in GEOGRAPHIES and name in request.by]
    area_index = places[0][0] if places and len(attributes) > 1 else None
    counted: dict[str, list[bool]] = {}
    for code in (code for parts in cells.values() for code in parts):
        values = dict(zip(attributes, code, strict=True))
        if all(tuple(values[name] for name in group) in margin for group, margin in margins):
            counted.setdefault("" if area_index is None else code[area_index], []).append(code in published)
    failing = {area for area, shown in counted.items() if shown.count(False) > policy.largest_hidden_share * len(shown)}
    if len(attributes) == 1:
        failing = set()
    if not any(code in published for parts in cells.values() for code in parts):
        raise Refused("Every figure of this table would be hidden.")
    if "" in failing or 2 * len(failing) > len(counted):
        raise Refused(
            f"More than {policy.largest_hidden_share:.0%} of this table would be hidden: too sparse to be useful or safe."
        )
    if area_index is None:
        return published
    return {code: figure for code, figure in published.items() if code[area_index] not in failing}


def _margin_measure(request: Request) -> str:
    """Return the measure whose one-way tables say which values are in use: the plain count of the same unit."""
    return "households" if request.rule.unit == "household" else "people"
