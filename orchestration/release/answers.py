"""From a request to a protected table: choose cells, sum published ones, refuse what is too sparse, label.

Works on published cells only; true counts end in engine.py.
"""

from dataclasses import dataclass
from itertools import product
from typing import Protocol

from orchestration.release import words
from orchestration.release.catalogue import Catalogue
from orchestration.release.cells import Code, Period
from orchestration.release.enclosing import KIND_OF_EVENT
from orchestration.release.engine import OTHER, Published
from orchestration.release.grammar import Refused, Request
from orchestration.release.lattice import COARSER, MEASURES
from orchestration.release.policy import Policy

GEOGRAPHIES = ("msoa", "lad")
USE_AND_CIRCUMSTANCES = frozenset(MEASURES["people"].dimensions)
NOT_KNOWN = frozenset(("unknown", "U", "UN"))  # rare by nature: they do not decide whether a table is sparse
PLAIN_USE = {"service_a": "service", "service_b": "service", "theme_a": "theme", "theme_b": "theme"}


class Publisher(Protocol):
    """Gives whole protected tables, from the cache or the engine."""

    def __call__(self, *, measure: str, attributes: tuple[str, ...], period: Period) -> Published: ...


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one answer: a row per cell (codes, then figure or None), which are partial sums, the total."""

    rows: tuple[tuple[str | int | None, ...], ...]
    at_least: tuple[bool, ...]
    total: int | None


def find_figures(request: Request, catalogue: Catalogue, policy: Policy, publish: Publisher) -> Figures:
    """Return the figures of a request, or refuse it with the reason (the gate adds the coarser offer)."""
    period = _period(request, catalogue)
    chosen = _chosen_codes(request, catalogue, period)
    published = publish(measure=request.measure, attributes=request.attributes, period=period)
    total = _total(request, publish, period)
    cells = _cells(request, catalogue, chosen, published, period)
    if request.by:
        base, unit = total, words.MEASURES[request.measure].unit
        counted = request.measure
        if request.rule.sums:
            counted, unit = request.rule.contributors, "people"
            base = _total(request, publish, period, of=counted)
        if base is None and counted in KIND_OF_EVENT and request.where.keys() <= USE_AND_CIRCUMSTANCES:
            # Nearly all who used the service had such an event, so that their number is hidden: it is not small.
            base = _total(request, publish, period, of="people")
        if base is None or base < policy.smallest_base:
            raise Refused(f"Fewer than {policy.smallest_base} {unit} are in this selection: too few to divide further.")
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


def _chosen_codes(request: Request, catalogue: Catalogue, period: Period) -> dict[str, tuple[str, ...]]:
    """Return for each attribute with a filter the codes chosen; a coarser filter chooses among the finer values."""
    chosen: dict[str, tuple[str, ...]] = {}
    for name, values in request.where.items():
        allowed = _domain(name, catalogue, period)
        unknown = [value for value in values if value not in allowed]
        if unknown and name != "theme_set":
            raise Refused(f"The filter '{name}' has no such value.", allowed=allowed)
        finer = next((other for other in request.attributes if COARSER.get(other) == name), None)
        if finer is None:
            chosen[name] = values
        else:
            nested = catalogue.dimensions[finer].values
            chosen[finer] = tuple(value.code for value in nested if value.parent in values)
    return chosen


def _domain(name: str, catalogue: Catalogue, period: Period) -> tuple[str, ...]:
    """Return the codes of a dimension that can occur in the period: of months, those inside it."""
    if name != "month":
        return catalogue.codes(name)
    known = catalogue.directory.periods
    return tuple(code for code in catalogue.codes(name) if known[code].month_mask & period.month_mask)


def _total(request: Request, publish: Publisher, period: Period, *, of: str | None = None) -> int | None:
    """Return the figure of everyone in the population asked for: the cells of the filters alone, summed."""
    measure, names = of or request.measure, {name: name for name in request.where}
    if measure == "people_using_both" and not _relation(request) <= set(names):
        # Half a pair is plain use: asked as such, so that one set of people has one visibility.
        measure, names = "people", {name: PLAIN_USE.get(name, name) for name in names}
    by_name = {plain: request.where[name] for name, plain in names.items()}
    attributes = tuple(sorted(by_name))
    published = publish(measure=measure, attributes=attributes, period=period)
    figures = [published[code] for code in product(*(by_name[name] for name in attributes)) if code in published]
    return sum(figures) if figures else None


def _relation(request: Request) -> set[str]:
    return next((set(group) for group in request.rule.relation if set(group) <= set(request.attributes)), set())


def _cells(
    request: Request, catalogue: Catalogue, chosen: dict[str, tuple[str, ...]], published: Published, period: Period
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
        codes = [code for code in every if _is_chosen(dict(zip(attributes, code, strict=True)), chosen)]
    else:
        domains = [chosen.get(name) or _domain(name, catalogue, period) for name in attributes]
        codes = [code for code in product(*domains) if _can_exist(attributes, code)]
    order = [attributes.index(name) for name in request.by]
    cells: dict[Code, list[Code]] = {}
    for code in codes:
        cells.setdefault(tuple(code[index] for index in order), []).append(code)
    return cells if cells or request.by else {(): []}


def _is_chosen(values: dict[str, str], chosen: dict[str, tuple[str, ...]]) -> bool:
    return all(value in chosen.get(name, (value,)) for name, value in values.items())


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
    asked = [code for parts in cells.values() for code in parts]
    if not any(code in published for code in asked):
        raise Refused("Every figure of this table would be hidden.")
    if len(attributes) == 1 or set(attributes) == _relation(request):
        return published
    margins = _margins(request, publish, period)
    places = [index for index, name in enumerate(attributes) if name in GEOGRAPHIES and name in request.by]
    shown: dict[str, list[bool]] = {}
    for code in asked:
        values = dict(zip(attributes, code, strict=True))
        if not NOT_KNOWN & set(code) and all(
            tuple(values[name] for name in group) in margin for group, margin in margins
        ):
            shown.setdefault(code[places[0]] if places else "", []).append(code in published)
    failing = {area for area, seen in shown.items() if seen.count(False) > policy.largest_hidden_share * len(seen)}
    if 2 * len(failing) > len(shown):
        raise Refused(f"More than {policy.largest_hidden_share:.0%} of this table would be hidden: too sparse to use.")
    if not places:
        return published
    return {code: figure for code, figure in published.items() if code[places[0]] not in failing}


def _margins(request: Request, publish: Publisher, period: Period) -> list[tuple[tuple[str, ...], Published]]:
    """Return the published tables of the relation alone and of each other attribute alone."""
    relation = tuple(sorted(_relation(request)))
    plain = "households" if request.rule.unit == "household" else "people"
    shared = MEASURES[plain].dimensions
    margins = [(relation, publish(measure=request.measure, attributes=relation, period=period))] if relation else []
    return margins + [
        ((name,), publish(measure=plain if name in shared else request.measure, attributes=(name,), period=period))
        for name in request.attributes
        if name not in relation
    ]
