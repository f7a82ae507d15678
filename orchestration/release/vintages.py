"""Vintages: what each cell was last released on, so that a refresh that changes a few people changes no figure.

Two snapshots differ by the people who were added, left or corrected between them. A cell that changed by a few is
therefore answered from what it was released on before (carried forward), and a period that is over is frozen: revised
at most once a year, or when a feed came late and changed it much (DISCLOSURE rule 9, attack 8).

Only what was ever released is kept: counts and cell keys of tables, in one file of the running data for its owner's
eyes only, written with the answer. What is kept of a cell of fewer than five people has no key, because the key of one
person's cell would be that person's record key. It holds no policy's numbers: those are applied afterwards, as ever.
"""

import json
import sqlite3
import threading
import weakref
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from orchestration.errors import ReleaseError
from orchestration.release.cells import Code, Period
from orchestration.release.engine import NEVER_FEWER, Counted, Evidence, EvidenceTable
from orchestration.sealed_bytes import NoKeyFitsError, context_of, is_sealed_with, seal, unseal

FORMAT = 1  # raise it when a measure's definition changes: what was kept is then another quantity
FEWEST_CHANGED = 10
FROZEN_DAYS = 365
LATE_SHARE = 0.2  # of a frozen cell: more than this is a feed that came late, not a handful of people
PATIENCE_SECONDS = 30.0
PARTS = "|months"
TABLE = """
create table if not exists vintage (
    origin text not null, quantity text not null, period text not null, snapshot text not null, feeds text not null,
    cells blob not null,
    primary key (origin, quantity, period)
) without rowid
"""
Kept = dict[Code, tuple[Evidence, date]]


@dataclass(frozen=True, slots=True)
class Origin:
    """The snapshot that asks: id, date, the fingerprint of its secret, and the codes of periods that are over."""

    snapshot_id: str
    published_on: date
    secret: str
    over: frozenset[str]
    feeds: frozenset[str] = frozenset()  # those that an agreement permits


class Vintages:
    """The memory of one home. Safe for threads and processes: each settling is one transaction."""

    def __init__(self, path: Path, keys: Callable[[], tuple[str, ...]] = tuple) -> None:
        """Open nothing yet. What is kept is encrypted with the first of the area's snapshot keys, if there are any."""
        self._path = path
        self._read_keys = keys
        self._keys: tuple[str, ...] = ()
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def recall(
        self, *, origin: Origin, measure: str, attributes: tuple[str, ...], period: Period
    ) -> EvidenceTable | None:
        """Return what the same snapshot settled before, None when it did not: then nothing needs to be counted."""
        index = attributes.index("month") if "month" in attributes else None
        quantity = _quantity(measure, attributes)
        with self._transaction() as connection:
            if index is None:
                return self._kept_part(connection, origin, quantity, period.code)
            months = self._noted_parts(connection, origin, quantity, period.code)
            recalled: dict[Code, Evidence] = {}
            for month in months or ():
                part = self._kept_part(connection, origin, quantity, month)
                if part is None:
                    return None  # settled anew by another snapshot since
                recalled |= {(*code[:index], month, *code[index:]): evidence for code, evidence in part.items()}
        return recalled if months else None

    def _kept_part(
        self, connection: sqlite3.Connection, origin: Origin, quantity: str, period: str
    ) -> dict[Code, Evidence] | None:
        """Return what the snapshot settled for one period, None when it did not."""
        rows = connection.execute(
            "select cells from vintage where origin = ? and quantity = ? and period = ? and snapshot = ?",
            (origin.secret, quantity, period, origin.snapshot_id),
        ).fetchall()
        if not rows:
            return None
        kept = self._opened(rows[0][0], origin.secret, quantity, period)
        return {code: evidence for code, (evidence, _since) in kept.items()}

    def settle(
        self, gathered: EvidenceTable, *, origin: Origin, measure: str, attributes: tuple[str, ...], period: Period
    ) -> EvidenceTable:
        """Return the evidence to decide a table on, kept before or new, and keep it. Raises ReleaseError, never skips.

        A month's row of a longer period and the period of that month are one set of people: they are kept as one.
        """
        index = attributes.index("month") if "month" in attributes else None
        parts: dict[str, dict[Code, Evidence]] = {}
        for code, evidence in gathered.items():
            month = period.code if index is None else code[index]
            own = code if index is None else (*code[:index], *code[index + 1 :])
            parts.setdefault(month, {})[own] = evidence
        quantity = _quantity(measure, attributes)
        settled: dict[Code, Evidence] = {}
        with self._transaction() as connection:
            for month, cells in (parts or {period.code: {}}).items():
                kept = self._settle_part(connection, cells, origin, quantity, month)
                for code, evidence in kept.items():
                    settled[code if index is None else (*code[:index], month, *code[index:])] = evidence
            if index is not None:
                self._note_parts(connection, sorted(parts or [period.code]), origin, quantity, period.code)
        return settled

    def _note_parts(
        self, connection: sqlite3.Connection, months: list[str], origin: Origin, quantity: str, period: str
    ) -> None:
        """Keep of which months a period was put together, so that a period by month can be recalled whole."""
        note = json.dumps(months, separators=(",", ":")).encode()
        sealed = seal(note, self._keys, context=context_of(origin.secret, _parts_of(quantity), period))
        connection.execute(
            "insert or replace into vintage values (?, ?, ?, ?, '[]', ?)",
            (origin.secret, _parts_of(quantity), period, origin.snapshot_id, sealed),
        )

    def _noted_parts(
        self, connection: sqlite3.Connection, origin: Origin, quantity: str, period: str
    ) -> list[str] | None:
        rows = connection.execute(
            "select cells from vintage where origin = ? and quantity = ? and period = ? and snapshot = ?",
            (origin.secret, _parts_of(quantity), period, origin.snapshot_id),
        ).fetchall()
        if not rows:
            return None
        months: list[str] = json.loads(self._unsealed(rows[0][0], origin.secret, _parts_of(quantity), period))
        return months

    def _settle_part(
        self,
        connection: sqlite3.Connection,
        cells: Mapping[Code, Evidence],
        origin: Origin,
        quantity: str,
        period: str,
    ) -> dict[Code, Evidence]:
        rows = connection.execute(
            "select snapshot, cells, feeds from vintage where origin = ? and quantity = ? and period = ?",
            (origin.secret, quantity, period),
        ).fetchall()
        if rows and set(json.loads(rows[0][2])) - origin.feeds:
            rows = []  # a feed left: nothing of it may be answered any more, not even within older figures
        before = self._opened(rows[0][1], origin.secret, quantity, period) if rows else {}
        if rows and rows[0][0] == origin.snapshot_id:
            return {code: evidence for code, (evidence, _since) in before.items()}
        after: Kept = {}
        for code, now in cells.items():
            was, since = before.get(code, (NOTHING, origin.published_on))
            age_days = (origin.published_on - since).days
            carried = bool(rows) and is_carried(was, now, age_days=age_days, is_over=period in origin.over)
            settled, since = (was, since) if carried else (now, origin.published_on)
            if settled.counted[0]:
                # As it is kept: the answer must be the same now and when it is recalled in another process.
                after[code] = _without_few(settled), since
        written = seal(_written(after), self._keys, context=context_of(origin.secret, quantity, period))
        connection.execute(
            "insert or replace into vintage values (?, ?, ?, ?, ?, ?)",
            (origin.secret, quantity, period, origin.snapshot_id, json.dumps(sorted(origin.feeds)), written),
        )
        return {code: evidence for code, (evidence, _since) in after.items()}

    def _opened(self, blob: bytes, *names: str) -> Kept:
        return _read(self._unsealed(blob, *names))

    def _unsealed(self, blob: bytes, *names: str) -> bytes:
        try:
            return unseal(blob, self._keys, context=context_of(*names))
        except NoKeyFitsError:
            self._keys = self._read_keys()  # another process may have kept it with a key set since
            return unseal(blob, self._keys, context=context_of(*names))

    def _reseal(self, connection: sqlite3.Connection) -> None:
        """Encrypt with the current key what was kept before it was set or replaced, and leave nothing of it behind."""
        columns = "select origin, quantity, period, cells from vintage"
        stale = [
            (
                seal(unseal(cells, self._keys, context=context_of(*names)), self._keys, context=context_of(*names)),
                *names,
            )
            for *names, cells in connection.execute(columns)
            if not is_sealed_with(cells, self._keys, context=context_of(*names))
        ]
        if not stale:
            return
        connection.execute("begin immediate")
        connection.executemany("update vintage set cells = ? where origin = ? and quantity = ? and period = ?", stale)
        connection.execute("commit")
        connection.execute("vacuum")
        connection.execute("pragma wal_checkpoint(truncate)")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                connection = self._connected()
                connection.execute("begin immediate")
                try:
                    yield connection
                except BaseException:
                    connection.execute("rollback")
                    raise
                connection.execute("commit")
            except NoKeyFitsError as error:
                raise ReleaseError(
                    f"What was released before is kept encrypted in {self._path}, and no key of "
                    "JOINEDUP_SNAPSHOT_KEY_FILE opens it: put the key that it was kept with below the current one. "
                    "If it is lost for good, refresh with a new baseline, as a recorded decision."
                ) from error
            except (sqlite3.Error, OSError) as error:
                raise ReleaseError(
                    f"What was released before cannot be read or kept in {self._path}: figures are not answered "
                    "without it, because a refresh would then show who was added. Make file and folder writable."
                ) from error

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._keys = self._read_keys()
            if not self._path.exists():
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._path.touch(mode=0o600)
            connection = sqlite3.connect(
                self._path, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False
            )
            weakref.finalize(self, connection.close)
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = normal")
            connection.execute("pragma secure_delete = on")
            connection.execute(TABLE)
            if self._keys:
                self._reseal(connection)
            self._connection = connection
        return self._connection


NOTHING = Evidence((0, 0))


def is_carried(was: Evidence, now: Evidence, *, age_days: int, is_over: bool) -> bool:
    """Return whether a cell is answered as it was before: few people changed, or its period is over and frozen."""
    if not now.counted[0]:
        return False  # nobody is in it any more, perhaps because no agreement permits it
    changed = abs(now.counted[0] - was.counted[0])
    if changed < FEWEST_CHANGED:
        return True
    return is_over and age_days < FROZEN_DAYS and changed < LATE_SHARE * max(now.counted[0], was.counted[0])


def _quantity(measure: str, attributes: tuple[str, ...]) -> str:
    return f"{FORMAT}|{measure}|{','.join(name for name in attributes if name != 'month')}"


def _parts_of(quantity: str) -> str:
    """Return under which name it is kept of which months a period by month was put together."""
    return f"{quantity}{PARTS}"


def _without_few(evidence: Evidence) -> Evidence:
    """Return evidence without the key of any cell of few people, and without what few people contribute to a sum."""
    counted, complements, amounts = evidence
    return Evidence(
        _plain(counted),
        tuple(map(_plain, complements)),
        amounts if counted[0] >= NEVER_FEWER else (0,) * len(amounts),
    )


def _plain(counted: Counted) -> Counted:
    return counted if counted[0] >= NEVER_FEWER else (counted[0], 0)


def _written(cells: Kept) -> bytes:
    rows = [
        [
            list(code),
            since.isoformat(),
            [evidence.counted, *evidence.complements],
            evidence.amounts,
        ]
        for code, (evidence, since) in cells.items()
    ]
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode(), level=1)


def _read(blob: bytes) -> Kept:
    return {
        tuple(code): (
            Evidence(tuple(pairs[0]), tuple((count, key) for count, key in pairs[1:]), tuple(amounts)),
            date.fromisoformat(since),
        )
        for code, since, pairs, amounts in json.loads(zlib.decompress(blob))
    }
