"""Coarser requests, nearest first: what to offer when a request is refused."""

from collections.abc import Iterator

from orchestration.release.catalogue import Catalogue
from orchestration.release.grammar import Refused, Request
from orchestration.release.lattice import COARSER

MOST_OFFERS = 8


def coarser_requests(request: Request, catalogue: Catalogue) -> Iterator[Request]:
    """Yield at most eight valid requests, each coarser than the one refused: roll up, lengthen, leave out, combine."""
    seen = {request.canonical()}
    for by, where, period in _changes(request, catalogue):
        if len(seen) > MOST_OFFERS:
            return
        try:
            candidate = Request(request.measure, by, where, period, request.policy)
        except Refused:
            continue
        if candidate.canonical() not in seen:
            seen.add(candidate.canonical())
            yield candidate


_Change = tuple[tuple[str, ...], dict[str, tuple[str, ...]], str]


def _changes(request: Request, catalogue: Catalogue) -> Iterator[_Change]:
    where = dict(request.where)
    known = catalogue.directory.periods.get(request.period)
    periods = catalogue.periods_of(request.rule.levels[-2])
    longer = known.year_code if known else (periods[-1].code if periods else "all")
    rolled = tuple(dict.fromkeys(COARSER.get(name, name) for name in request.by))
    for name in request.by:
        if name in COARSER:
            coarse = tuple(dict.fromkeys(COARSER[name] if other == name else other for other in request.by))
            yield coarse, where, request.period
    yield request.by, where, longer
    yield rolled, where, longer
    for name in reversed(request.by):
        yield tuple(other for other in request.by if other != name), where, request.period
    for name in reversed(request.by):
        yield tuple(other for other in rolled if other != COARSER.get(name, name)), where, longer
    for name in where:
        yield request.by, {other: values for other, values in where.items() if other != name}, request.period
