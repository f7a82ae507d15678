"""Coarser requests, nearest first: what to offer when a request is refused."""

from collections.abc import Iterator
from itertools import islice

from orchestration.release.catalogue import Catalogue
from orchestration.release.grammar import Refused, Request
from orchestration.release.lattice import COARSER, MEASURES

MOST_OFFERS = 8
PLAIN = {
    "service_a": "service",
    "service_b": "service",
    "to_service": "service",
    "entry_service": "service",
    "theme_a": "theme",
    "theme_b": "theme",
    "to_theme": "theme",
    "entry_theme": "theme",
    "theme_set": "theme",
}
"""What a dimension of pairs, moves and first use becomes where only plain use is left to ask for."""
_Change = tuple[str, tuple[str, ...], dict[str, tuple[str, ...]], str]


def coarser_requests(request: Request, catalogue: Catalogue) -> Iterator[Request]:
    """Yield valid requests, each coarser than the one refused: roll up, lengthen, leave out, combine.

    At most eight of the same measure; then, so that nobody is left without a way on, use as such and everybody.
    """
    seen = {request.canonical()}
    for changes, most in ((_changes(request, catalogue), MOST_OFFERS), (_last_resorts(request), None)):
        yield from islice(_valid(request, changes, seen), most)


def _valid(request: Request, changes: Iterator[_Change], seen: set[str]) -> Iterator[Request]:
    for measure, by, where, period in changes:
        try:
            candidate = Request(measure, by, where, period, request.policy)
        except Refused:
            continue
        if candidate.canonical() not in seen:
            seen.add(candidate.canonical())
            yield candidate


def _changes(request: Request, catalogue: Catalogue) -> Iterator[_Change]:
    measure, where = request.measure, dict(request.where)
    known = catalogue.directory.periods.get(request.period)
    periods = catalogue.periods_of(request.rule.levels[-2])
    longer = known.year_code if known else (periods[-1].code if periods else "all")
    rolled = tuple(dict.fromkeys(COARSER.get(name, name) for name in request.by))
    for name in request.by:
        if name in COARSER:
            coarse = tuple(dict.fromkeys(COARSER[name] if other == name else other for other in request.by))
            yield measure, coarse, where, request.period
    for name in where:
        if name in COARSER:
            yield measure, request.by, _rolled_filter(where, name, catalogue), request.period
    yield measure, request.by, where, longer
    yield measure, rolled, where, longer
    for name in reversed(request.by):
        yield measure, tuple(other for other in request.by if other != name), where, request.period
    for name in where:
        yield measure, request.by, {other: values for other, values in where.items() if other != name}, request.period
    for name in reversed(request.by):
        yield measure, tuple(other for other in rolled if other != COARSER.get(name, name)), where, longer


def _rolled_filter(where: dict[str, tuple[str, ...]], name: str, catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Return the filters with the values of one replaced by those that hold them; what nothing holds is left out."""
    parents = {catalogue.directory.parent_code(name, value) for value in where[name]}
    left = {other: values for other, values in where.items() if other != name}
    held = tuple(parent for parent in parents if parent)
    return {**left, COARSER[name]: held} if held else left


def _last_resorts(request: Request) -> Iterator[_Change]:
    """Yield the relation or first dimension alone without filters, then plain use, then everybody."""
    measure = "households" if request.rule.unit == "household" else "people"
    plain = (PLAIN.get(name, name) for name in (*request.by, *request.where))
    known = tuple(dict.fromkeys(name for name in plain if name in MEASURES[measure].dimensions))
    related = tuple(name for relation in request.rule.relation for name in relation if name in request.attributes)
    by = related or request.by[:1]
    yield request.measure, by, {}, request.period
    yield request.measure, by, {}, "all"
    yield request.measure, tuple(COARSER.get(name, name) for name in by), {}, "all"
    yield measure, known[:1], {}, request.period
    yield measure, known[:1], {}, "all"
    yield measure, (), {}, request.period
    yield measure, (), {}, "all"
