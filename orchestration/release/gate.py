"""The release gate: the only reader of a snapshot, and the only thing that pages, reports and commands ask for figures.

A gate is shared by all threads of a process: one connection per snapshot, a cursor per question, locks only around the
caches and the change of snapshot. It holds no state of users.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from orchestration.area import Agreement
from orchestration.area.permission import Use
from orchestration.audit import audit_of
from orchestration.errors import SnapshotError
from orchestration.release import operations
from orchestration.release.answers import Figures, find_figures
from orchestration.release.catalogue import Catalogue
from orchestration.release.cells import Period
from orchestration.release.certificate import BirthCertificate
from orchestration.release.coarser import coarser_requests
from orchestration.release.engine import CellKeyProtection, Engine, EvidenceTable, Protection, Published
from orchestration.release.grammar import Refused, Request, refuse_attributes
from orchestration.release.known_cells import KnownCells, OneAtATime
from orchestration.release.labels import label_codes
from orchestration.release.ledger import Ledger, Outcome, Taken
from orchestration.release.noise import Noise
from orchestration.release.policy import Policy
from orchestration.release.population import Residents, count_residents, read_residents
from orchestration.release.reader import Snapshot, current_path, open_snapshot
from orchestration.release.table import ProtectedTable
from orchestration.release.vintages import Vintages
from orchestration.release.withholding import NOTHING, LiveRules, Withheld, refuse_withheld, withheld, without_withheld
from orchestration.settings import Settings

ANSWERS_KEPT = 2000
TABLES_KEPT = 500
Kept = TypeVar("Kept")
ProtectionMaker = Callable[[bytes, Policy], Protection]


class Cache(Generic[Kept]):
    """A small thread-safe memory of results, the least recently used forgotten first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Kept | None:
        """Return what is kept under a key, None when nothing is."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: str, value: Kept) -> None:
        """Keep a value, forgetting the least recently used when full."""
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)


@dataclass(frozen=True, slots=True)
class _Ready:
    """One open snapshot with the engine of each policy."""

    snapshot: Snapshot
    policies: dict[str, Policy]
    engines: dict[str, Engine]


class Gate:
    """Answers requests from the published snapshot; a newly published one is picked up with the next question."""

    def __init__(
        self,
        settings: Settings,
        *,
        use: Use | None = None,
        protection: ProtectionMaker | None = None,
        vintages: Vintages | None = None,
        floor_seconds: float = 0.0,
    ) -> None:
        """Open nothing yet. `use` is what figures are asked for where a question does not say (default: settings').

        An answer that is made anew takes at least `floor_seconds`, so that time tells nothing. Protection and vintages
        are replaced only by tests that prove that attacks work on weak gates, and by benches.
        """
        self._floor_seconds = floor_seconds
        self._settings = settings
        self._protection = protection or _cell_key_protection
        self.use = use or Use(settings.purpose, settings.audience)
        self._rules = LiveRules(settings.area_dir, today=settings.today)
        self._lock = threading.Lock()
        self._ready: _Ready | None = None
        self._answers: Cache[ProtectedTable | Refused] = Cache(ANSWERS_KEPT)
        self._one_at_a_time = OneAtATime()
        self._tables: Cache[Published] = Cache(TABLES_KEPT)
        self._residents: Cache[Residents] = Cache(2)
        self._ledger = Ledger(audit_of(settings))
        self._vintages = vintages or Vintages(settings.state / "vintages.sqlite", settings.snapshot_keys)

    def catalogue(self) -> Catalogue:
        """Return what can be asked of the current snapshot."""
        return self._current().snapshot.catalogue

    def answer(
        self,
        request: Request,
        *,
        who: str = "command line",
        role: str = "",
        taken: Taken = "seen",
        use: Use | None = None,
        is_paced: bool = True,
    ) -> ProtectedTable:
        """Return the protected table of a request, or raise Refused with a coarser request that is granted.

        Who asks, in which role and whether to see or to take away goes into the ledger with the question. What
        agreements do not let be served now, or not for this `use`, is refused or left out. Who asks many questions for
        one page keeps to the floor for the page as a whole, and has them not paced one by one.
        """
        start = time.monotonic()
        ready = self._current()
        hidden, themes = self._withheld(ready, use, request.policy), ready.snapshot.directory.themes_of_services
        try:
            refuse_withheld(request, hidden, themes)
        except Refused:
            self._ledger.note(
                who=who, role=role, taken=taken, request=request, snapshot_id=ready.snapshot.snapshot_id,
                outcome="refused",
            )  # fmt: skip
            raise
        key = f"{ready.snapshot.snapshot_id}|{ready.policies[request.policy].fingerprint}|{request.canonical()}"
        kept = self._answers.get(key)
        if kept is None:
            kept = self._answer(ready, request)
            self._answers.keep(key, kept)
            if is_paced:
                time.sleep(max(0.0, self._floor_seconds - (time.monotonic() - start)))
        outcome: Outcome = "refused" if isinstance(kept, Refused) else "answered"
        self._ledger.note(
            who=who, role=role, taken=taken, request=request, snapshot_id=ready.snapshot.snapshot_id, outcome=outcome
        )
        if isinstance(kept, Refused):
            offer = None if _is_withheld(kept.coarser, hidden, themes) else kept.coarser
            raise Refused(kept.reason, allowed=kept.allowed, coarser=offer)
        if not hidden:
            return kept
        table = without_withheld(kept, hidden, themes)
        told = operations.recertify(ready.snapshot, table.certificate, hidden.reasons, hidden_cells=table.hidden_cells)
        return replace(table, certificate=told)

    def keep(self, request: Request) -> None:
        """Count what a request asks, so that whoever asks it of this snapshot finds it counted; nothing is answered."""
        self._answer(self._current(), request)

    def withheld(self, *, use: Use | None = None) -> dict[str, str]:
        """Return the feeds of the snapshot that may not be served now, or not for this use, each with the reason."""
        return dict(self._withheld(self._current(), use).reasons)

    def _withheld(self, ready: _Ready, use: Use | None, policy: str = "dashboard") -> Withheld:
        """Return what agreements withhold now. A snapshot that no area published stands under no agreements."""
        if ready.snapshot.facts.get("area_name") is None:
            return NOTHING
        held = ready.snapshot.origin.feeds
        return withheld(self._rules.now(), held, use=use or self.use, policy=policy, pack=ready.snapshot.pack)

    def population(
        self, *, by: Sequence[str] = (), where: Mapping[str, str] | None = None
    ) -> dict[tuple[str, ...], int]:
        """Return residents by msoa, lad, sex, age_band, age_group or deprivation: the public denominators of rates."""
        snapshot = self._current().snapshot
        residents = self._residents.get(snapshot.snapshot_id)
        if residents is None:
            residents = read_residents(snapshot)
            self._residents.keep(snapshot.snapshot_id, residents)
        return count_residents(residents, by=by, where=where)

    def feeds(self) -> list[dict[str, object]]:
        """Return one row per feed: newest dates, row counts (rounded, None below 10), whether it is late."""
        ready = self._current()
        return operations.feeds(ready.snapshot, withheld=self._withheld(ready, None).reasons)

    def checks(self) -> list[dict[str, object]]:
        """Return one row per feed and check with the rows that failed it."""
        return self._permitted(operations.checks)

    def check_history(self) -> list[dict[str, object]]:
        """Return one row per feed, period and check with the rows that failed it (rounded; None is 1 to 9)."""
        return self._permitted(operations.check_history)

    def quality(self) -> list[dict[str, object]]:
        """Return one row per feed, period and dimension of quality: scores in whole per cent, the worst field named."""
        return self._permitted(operations.quality)

    def lags(self) -> list[dict[str, object]]:
        """Return by feed and period how many days after its events the newest delivery came, in bins."""
        return self._permitted(operations.lags)

    def linkage(self) -> list[dict[str, object]]:
        """Return match rates in whole per cent by feed and group."""
        return self._permitted(operations.linkage)

    def thresholds(self) -> list[dict[str, object]]:
        """Return how many people the records make at each linkage threshold."""
        ready = self._current()
        return [] if self._withheld(ready, None) else operations.thresholds(ready.snapshot)

    def agreements(self) -> list[dict[str, object]]:
        """Return one row per agreement with its dates."""
        ready = self._current()
        rows = operations.agreements(ready.snapshot)
        return rows if ready.snapshot.facts.get("area_name") is None else operations.as_now(rows, self._rules.now())

    def policies(self) -> list[dict[str, object]]:
        """Return one row per release policy: its numbers, which are looser than measured, and by whose decision."""
        return operations.policies(self._current().policies)

    def snapshot(self) -> dict[str, object]:
        """Return the facts of the snapshot itself."""
        return operations.snapshot_facts(self._current().snapshot)

    def agreements_now(self) -> dict[str, Agreement]:
        """Return the agreements as their files say now; those whose file cannot be read are left out."""
        return dict(self._rules.now().agreements)

    def _permitted(self, read: Callable[[Snapshot], list[dict[str, object]]]) -> list[dict[str, object]]:
        """Return the rows about feeds that may be served now."""
        ready = self._current()
        hidden = self._withheld(ready, None).reasons
        return [row for row in read(ready.snapshot) if row["feed"] not in hidden]

    def _current(self) -> _Ready:
        with self._lock:
            path = current_path(self._settings)
            if self._ready is None or self._ready.snapshot.path != path:
                snapshot = self._open(path)
                secret = self._settings.release_secret()
                known = KnownCells()
                engines = {
                    name: Engine(snapshot.directory, policy, self._protection(secret, policy), known)
                    for name, policy in snapshot.policies.items()
                }
                # The old connection closes itself when the last question on it is answered.
                self._ready = _Ready(snapshot, snapshot.policies, engines)
            return self._ready

    def _open(self, path: Path) -> Snapshot:
        """Open a snapshot; when it was replaced and pruned since its name was read, the one that replaced it."""
        try:
            return open_snapshot(self._settings, path)
        except SnapshotError:
            now = current_path(self._settings)
            if now == path:
                raise
            return open_snapshot(self._settings, now)

    def _answer(self, ready: _Ready, request: Request) -> ProtectedTable | Refused:
        try:
            return self._grant(ready, request)
        except Refused as refusal:
            for candidate in coarser_requests(request, ready.snapshot.catalogue):
                try:
                    self._grant(ready, candidate)
                except Refused:
                    continue
                return Refused(refusal.reason, allowed=refusal.allowed, coarser=candidate)
            return Refused(refusal.reason, allowed=refusal.allowed)

    def _settled(
        self, snapshot: Snapshot, engine: Engine, *, measure: str, attributes: tuple[str, ...], period: Period
    ) -> EvidenceTable:
        origin, vintages = snapshot.origin, self._vintages
        kept = vintages.recall(origin=origin, measure=measure, attributes=attributes, period=period)
        if kept is not None:
            return kept
        with snapshot.cursor() as cursor:
            gathered = engine.gather(cursor, measure=measure, attributes=attributes, period=period)
        return vintages.settle(gathered, origin=origin, measure=measure, attributes=attributes, period=period)

    def _grant(self, ready: _Ready, request: Request) -> ProtectedTable:
        catalogue, policy = ready.snapshot.catalogue, ready.policies[request.policy]
        refuse_attributes(request, most=policy.most_attributes)

        def publish(*, measure: str, attributes: tuple[str, ...], period: Period) -> Published:
            key = f"{ready.snapshot.snapshot_id}|{policy.fingerprint}|{measure}|{','.join(attributes)}|{period.code}"
            with self._one_at_a_time.doing(key):
                kept = self._tables.get(key)
                if kept is None:
                    engine = ready.engines[request.policy]
                    kept = engine.decide(
                        self._settled(ready.snapshot, engine, measure=measure, attributes=attributes, period=period),
                        measure=measure,
                        attributes=attributes,
                    )
                    self._tables.keep(key, kept)
                return kept

        figures = find_figures(request, catalogue, policy, publish)
        return ProtectedTable(
            request=request,
            columns=(*request.by, "value"),
            rows=figures.rows,
            labels=label_codes(request.by, figures.rows, catalogue),
            total=figures.total,
            certificate=_certify(ready.snapshot, request, policy, figures),
            at_least=figures.at_least,
            policy=policy,
        )


def _is_withheld(offer: Request | None, hidden: Withheld, themes: Mapping[str, str]) -> bool:
    """Return whether an offer would itself be refused for what may not be served now."""
    if offer is None:
        return False
    try:
        refuse_withheld(offer, hidden, themes)
    except Refused:
        return True
    return False


def _cell_key_protection(secret: bytes, policy: Policy) -> Protection:
    return CellKeyProtection(Noise(secret, policy), policy)


def _certify(snapshot: Snapshot, request: Request, policy: Policy, figures: Figures) -> BirthCertificate:
    hidden = sum(row[-1] is None for row in figures.rows)
    return operations.certify(snapshot, request, policy, hidden_cells=hidden, has_sums=bool(figures.at_least))


__all__ = ["Gate", "SnapshotError"]
