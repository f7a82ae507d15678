"""One visit to a page: who answers (the gate), what the URL asks, and in which colours.

The URL holds the whole state of a view, so a page is a pure function of a visit: the same link gives the same view.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import quote, urlencode

from dashboards.access.door import Reader
from orchestration.area import Area
from orchestration.errors import HomeError
from orchestration.release import Catalogue, Gate, ProtectedTable, Refused, Request, Use
from orchestration.release.palette import Scheme
from orchestration.state import Store, Voice
from orchestration.state.voices import read_voices

LOG = logging.getLogger(__name__)
ANY = "any"
"""The value of a filter that does not narrow anything; it is left out of the URL."""
Answer = ProtectedTable | Refused
FILTER_OF = {
    "service": "use", "theme": "use", "sex": "group", "age_group": "group", "ethnic_group": "group",
    "deprivation": "group", "msoa": "area", "lad": "area",
}  # fmt: skip
"""Which filter of the pages holds a dimension."""


@dataclass(frozen=True)
class Visit:
    """What a page needs to draw itself. `query` is the URL's query, one text a name."""

    gate: Gate
    area: Area
    query: Mapping[str, str] = field(default_factory=dict)
    scheme: Scheme = "light"
    path: str = "/"
    reader: Reader = field(default_factory=Reader)
    asked: list[tuple[Request, Answer]] = field(default_factory=list, compare=False)
    """What has been asked of the gate so far in this visit, with its answers."""
    store: Store | None = field(default=None, compare=False)
    voices: tuple[Voice, ...] = ()
    """What people told, for the pages that show it."""

    @property
    def catalogue(self) -> Catalogue:
        """Return what the published snapshot offers; the gate follows a newly published one by itself."""
        return self.gate.catalogue()

    def ask(
        self, measure: str, *, by: tuple[str, ...] = (), period: str, where: Mapping[str, str] | None = None
    ) -> Answer:
        """Return the gate's answer, or its refusal: a page shows either. Filters that are ANY are left out."""
        chosen = {name: (value,) for name, value in (where or {}).items() if value != ANY}
        try:
            request = Request(measure=measure, by=by, where=chosen, period=period)
        except Refused as refusal:
            return refusal
        answer = self.put(request)
        self.asked.append((request, answer))
        return answer

    def put(self, request: Request) -> Answer:
        """Put one question to the gate and return its answer or refusal."""
        try:
            return self.gate.answer(request, who=self.reader.who, role=self.reader.role, use=self.use, is_paced=False)
        except Refused as refusal:
            return refusal

    @property
    def use(self) -> Use | None:
        """Return what figures are used for: the gate's purpose, seen by the reader's audience; None for the gate's."""
        return None if self.reader.audience is None else replace(self.gate.use, audience=self.reader.audience)

    def withheld(self) -> dict[str, str]:
        """Return the feeds that may not be served to this reader now, each with the reason."""
        return self.gate.withheld(use=self.use)

    def population(self, by: tuple[str, ...], where: Mapping[str, str]) -> dict[tuple[str, ...], int]:
        """Return public residents by the dimensions named, under the conditions that residents have."""
        return self.gate.population(by=by, where=where)


def voices_of(store: Store) -> tuple[Voice, ...]:
    """Return the notes that may be shown; none where the state store cannot be read, since figures do without them."""
    try:
        return tuple(read_voices(store))
    except HomeError as error:
        LOG.warning("Voices are not shown: %s", error)
        return ()


def query_string(values: Mapping[str, str]) -> str:
    """Write filter values as a URL query, in the order given; ANY and empty values are left out."""
    kept = {name: value for name, value in values.items() if value and value != ANY}
    return f"?{urlencode(kept, quote_via=quote, safe='+,')}" if kept else ""


def coarser_address(visit: Visit, refused: Refused) -> str | None:
    """Return the page's address for the coarser request of a refusal, or for everyone; None if that is here."""
    kept = {name: value for name, value in visit.query.items() if name not in FILTER_OF.values() and name != "period"}
    here = {name: value for name, value in visit.query.items() if value != ANY}
    for period, where in _ways_out(visit, refused):
        narrowed = {FILTER_OF[name]: f"{name}:{code}" for name, code in where.items() if name in FILTER_OF}
        there = {**kept, "period": period, **narrowed}
        if there != here and len(narrowed) == len(where):
            return f"{visit.path}{query_string(there)}"
    return None


def _ways_out(visit: Visit, refused: Refused) -> list[tuple[str, dict[str, str]]]:
    ways: list[tuple[str, dict[str, str]]] = []
    if refused.coarser is not None and all(len(values) == 1 for values in refused.coarser.where.values()):
        ways.append((refused.coarser.period, {name: values[0] for name, values in refused.coarser.where.items()}))
    if any(name in visit.query for name in FILTER_OF.values()):
        ways.append((visit.query.get("period", ANY), {}))
    return ways


def download_address(request: Request, form: Literal["csv", "json"] = "csv") -> str:
    """Return the address under which the app gives one release as a file; dashboards.downloads reads it back."""
    pairs = [("measure", request.measure), ("by", ",".join(request.by))]
    pairs += [("where", f"{name}={','.join(values)}") for name, values in request.where.items()]
    pairs += [("period", request.period)]
    return f"/download.{form}?{urlencode([(name, value) for name, value in pairs if value])}"
