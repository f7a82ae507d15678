"""`joinedup forget`: somebody's rows leave every store, and a certificate says so without saying who it was.

The order is what makes it safe to stop at any moment: marks are written first, then rows go store by store, then a
snapshot is published without them, then the older snapshots go, and a search of every file has the last word.
"""

import secrets
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime

import polars as pl

from orchestration.errors import HomeError
from orchestration.feeds.receipts import read_receipts
from orchestration.rights.certificates import Certificate, write_certificate
from orchestration.rights.marks import FORGOTTEN, add_to_list, record_marks, token_marks
from orchestration.rights.pending import is_pending, remove_older_snapshots, set_pending
from orchestration.rights.records import Found, find_records
from orchestration.rights.removal import Removed, Step, delivered_files, remove_marked, sha256_of
from orchestration.rights.searching import holds_any, search_home
from orchestration.rights.sharing import refuse_shared
from orchestration.settings import Settings

SHORTEST_TOKEN = 8
"""A shorter text is no token: a search for it would find strangers."""
Refresh = Callable[[], int]


def is_token(text: str) -> bool:
    """Whether a text can be a token: long enough, and without blanks."""
    return len(text) >= SHORTEST_TOKEN and not any(sign.isspace() for sign in text)


def read_tokens(text: str) -> list[str]:
    """Return the tokens of a file or standard input, one a line; raise HomeError, naming the line, for what is none."""
    found: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        token = line.strip()
        if not token or token.startswith("#"):
            continue
        if not is_token(token):
            raise HomeError(f"Line {number} is no token (one a line, at least {SHORTEST_TOKEN} signs, no blanks).")
        found.append(token)
    if not found:
        raise HomeError("No token was given: write one a line, in a file or on standard input.")
    return list(dict.fromkeys(found))


def mark(settings: Settings, found: Found, tokens: Collection[str], *, request: str, today: date) -> None:
    """Write down, as marks, whose rows go from now on: their records, and tokens that nobody else has.

    Without tokens they are known again by their records alone: those of one partner, and of no other.
    """
    records: list[str] = []
    for (feed,), own in found.pairs.group_by("feed"):
        records += record_marks(settings, str(feed), own["source_ref"]).to_list()
    own_tokens = token_marks(settings, pl.Series("token", sorted(tokens), dtype=pl.String)).to_list()
    set_pending(settings)
    add_to_list(settings, FORGOTTEN, records=records, tokens=own_tokens, request=request, since=today)


def forget(
    settings: Settings,
    tokens: Collection[str],
    *,
    today: date,
    feed: str | None = None,
    refresh: Refresh | None = None,
    backups_until: Collection[date] = (),
    alone: Callable[[], AbstractContextManager[None]] = nullcontext,
    at_step: Step = lambda _step: None,
) -> Certificate:
    """Remove whoever has these tokens from every store, publish without them, and prove it.

    `feed` keeps to one partner's records, and then its references are accepted as well. Without `refresh` the next
    refresh publishes, and until then the current snapshot still counts them. `alone` holds off refreshes while rows go;
    `backups_until` is the last day of each backup that holds them still. May be repeated after a kill, with the same
    tokens. Raises GovernanceError for a token of several people, HomeError when something of theirs is still found.
    """
    request = secrets.token_hex(6)
    found = find_records(settings, tokens, feed=feed)
    refuse_shared(found)
    at_step("mark")
    with alone():  # a refresh under way would publish them once more, and take the note of it away
        if not found.pairs.is_empty():
            mark(settings, found, found.own if feed is None else (), request=request, today=today)
        removed = _refused_deliveries(settings, found, feed, at_step)
        rest = remove_marked(settings, today=today, at_step=at_step)
    for store in rest.files:
        removed.note(store, rows=rest.rows.get(store, 0), files=rest.files[store])
    at_step("publish")
    is_due = refresh is not None and is_pending(settings)
    snapshots = {path.name for path in settings.published.glob("snapshot-*.duckdb")}
    failures = refresh() if refresh is not None and is_due else 0
    if is_due and not failures:
        remove_older_snapshots(settings)
    older = len(snapshots - {path.name for path in settings.published.glob("snapshot-*.duckdb")})
    at_step("search")
    needles = found.own if feed is None else frozenset()
    searched = search_home(settings, needles, found.pairs)
    certificate = Certificate(
        request,
        f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "every record of the person" if feed is None else f"the records of feed {feed}",
        found.pairs["feed"].n_unique(),
        found.pairs.height,
        removed,
        older,
        searched,
        is_published_without=not is_pending(settings),
        backups=len(backups_until),
        backups_until=max(backups_until, default=None),
    )
    write_certificate(settings, certificate)
    if searched.found:
        raise HomeError(
            f"Something is still found in {', '.join(searched.found[:5])} of {settings.home}: it is no store that this "
            "command knows. Remove the file, or ask whoever made it, and run the command again."
        )
    return certificate


def _refused_deliveries(settings: Settings, found: Found, feed: str | None, at_step: Step) -> Removed:
    """Remove delivered files that hold their tokens and of which no row was accepted.

    A file that was not read yet stays: the next refresh reads it for everybody else, and then it goes.
    """
    removed = Removed()
    at_step("landing")
    if found.pairs.is_empty() or feed is not None:
        return removed
    feeds = sorted(path.name for path in settings.receipts.glob("*") if path.is_dir())
    read = {file.sha256 for name in feeds for one in read_receipts(settings, name) for file in one.files}
    texts = [needle.encode() for needle in found.own]
    for path in delivered_files(settings):
        if holds_any(settings, path, texts) and sha256_of(path) in read:
            path.unlink()
            removed.note("delivered files")
    return removed
