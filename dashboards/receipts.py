"""`/receipts/<feed>/<name>`: what became of each delivery, as the area wrote it down; a partner reads its own alone.

What belongs here: serving the pages of receipts, and who may read which. What does not: what they say
(orchestration.feeds).
"""

import re

from flask import Flask, Response

from dashboards.access.door import visitor
from orchestration.area import Area
from orchestration.settings import Settings

ROOT = "/receipts"
FEED, NAME = re.compile(r"[a-z0-9_]+"), re.compile(r"(index|[0-9a-f]+)\.html")
RUNS_THE_AREA = frozenset({"engineer", "governance"})
NONE = "There is no such receipt here.\n"


def may_read(area: Area, feed: str) -> bool:
    """Whether who asks may read the receipts of a feed: of every feed for those who run the area, else their own."""
    person = visitor()
    if person is None:
        return False
    contract = area.contracts.get(feed)
    is_own = contract is not None and person.partner is not None and contract.partner == person.partner
    return is_own or bool(person.roles & RUNS_THE_AREA)


def add_receipts(server: Flask, settings: Settings, area: Area) -> None:
    """Serve the pages of receipts. One of another partner's is answered as one that is not there."""

    @server.get(f"{ROOT}/<feed>/<name>")
    def receipt(feed: str, name: str) -> Response:
        path = settings.receipts / feed / name
        is_named = FEED.fullmatch(feed) and NAME.fullmatch(name)
        if not is_named or not may_read(area, feed) or not path.is_file():
            return Response(NONE, status=404, content_type="text/plain; charset=utf-8")
        answer = Response(path.read_bytes(), content_type="text/html; charset=utf-8")
        answer.headers["Cache-Control"] = "no-store"
        return answer
