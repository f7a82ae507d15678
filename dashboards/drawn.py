"""Pages that were drawn already: drawing charts is nine tenths of the time of a page, and a page is its questions.

A page is a pure function of its URL and of the gate's answers. So a drawn page is given again only after every
question that it asked has been asked anew (which the ledger records, as for any reader) and had the very same answer.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.visit import Answer, Visit
from orchestration.area import Agreement
from orchestration.release import Refused, Request
from orchestration.release.gate import Cache
from orchestration.state import Voice

PAGES_KEPT = 200


@dataclass(frozen=True, slots=True)
class Drawn:
    """One drawn page, the questions it asked with their answers, and what agreements said and withheld."""

    layout: Any
    asked: tuple[tuple[Request, Answer], ...]
    agreements: Mapping[str, Agreement]
    withheld: Mapping[str, str]
    voices: tuple[Voice, ...]

    def still_holds(self, visit: Visit) -> bool:
        """Whether the page would be drawn the same now; asks its questions anew."""
        return (
            self.agreements == visit.area.agreements
            and self.voices == visit.voices  # one that was withdrawn is not shown again
            and self.withheld == visit.withheld()
            and all(_is_same(visit.put(request), answer) for request, answer in self.asked)
        )


class DrawnPages:
    """The pages drawn last, of all readers of an audience: nothing else in them depends on who reads."""

    def __init__(self, size: int = PAGES_KEPT, *, floor_seconds: float = 0.0) -> None:
        """Keep `size` pages. A page drawn anew takes at least `floor_seconds`, so that time tells nothing."""
        self._pages: Cache[Drawn] = Cache(size)
        self._floor_seconds = floor_seconds

    def page(self, visit: Visit, draw: Callable[[Visit], Any]) -> Any:
        """Return the page of a visit, drawn anew unless nothing about it has changed."""
        start, key = time.monotonic(), _key(visit)
        kept = self._pages.get(key)
        if kept is not None and kept.still_holds(visit):
            return kept.layout
        layout = draw(visit)
        time.sleep(max(0.0, self._floor_seconds - (time.monotonic() - start)))
        self._pages.keep(key, Drawn(layout, tuple(visit.asked), visit.area.agreements, visit.withheld(), visit.voices))
        return layout


def _key(visit: Visit) -> str:
    query = "&".join(f"{name}={value}" for name, value in sorted(visit.query.items()))
    return f"{visit.catalogue.snapshot_id}|{visit.reader.audience}|{visit.scheme}|{visit.path}?{query}"


def _is_same(one: Answer, other: Answer) -> bool:
    """Whether an answer is the one that the page was drawn from; refusals are made anew each time."""
    if isinstance(one, Refused) and isinstance(other, Refused):
        return str(one) == str(other)
    return one is other or one == other
