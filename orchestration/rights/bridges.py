"""Changes of the linkage key: who is on a list by a former token is on it by the newer one too, and the reverse."""

from datetime import date

import polars as pl

from orchestration.feeds.token_bridges import MOST_CHANGES, bridge_pairs
from orchestration.rights.marks import add_to_list, read_list, token_marks
from orchestration.settings import Settings


def follow_bridges(settings: Settings, name: str, *, since: date) -> None:
    """Add to a list the other token of every bridge of which it has one, before any row is looked at."""
    pairs = bridge_pairs(settings)
    if pairs.is_empty():
        return
    sides = pairs.select(former=token_marks(settings, pairs["previous"]), newer=token_marks(settings, pairs["current"]))
    for _ in range(MOST_CHANGES):
        listed = read_list(settings, name).filter(pl.col("kind") == "token")
        new = 0
        for (purpose,), own in listed.group_by("purpose"):
            marks = own["mark"].to_list()
            has_one = sides.filter(pl.col("former").is_in(marks) | pl.col("newer").is_in(marks))
            reached = {*has_one["former"], *has_one["newer"]} - {None}
            new += add_to_list(settings, name, tokens=reached, request="bridge", since=since, purpose=str(purpose))
        if not new:
            return
