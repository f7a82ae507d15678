"""What the gate withholds now: feeds in the snapshot that no agreement permits any more, or not for this use.

A snapshot is as permitted as its refresh was. Agreements may be suspended, changed or over since, so that the gate
reads them at every question (only when a file has changed) and answers by what they say now. A count of people over
all services cannot be freed of one feed without building it anew: such a question is refused until the next refresh;
what counts the services of other feeds alone is answered as before, figure for figure. A file that cannot be read
permits nothing, and stops no other.
"""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from orchestration.area import Agreement, Contract
from orchestration.area.permission import Use, serves
from orchestration.area.policies import ReleasePolicies
from orchestration.area.profile import Profile
from orchestration.area.reading import read_model
from orchestration.area.services import services_of
from orchestration.area.versions import read_contracts
from orchestration.errors import AreaPackError
from orchestration.release.grammar import NotPermitted, Request
from orchestration.release.table import ProtectedTable

Signature = tuple[tuple[str, int, int], ...]
OWN_SERVICES = frozenset(
    ("people", "households", "months_of_use", "spells", "length_of_use", "exits", "returns", "waits", "stays", "costs")
)
"""Measures that, asked of a service or theme, count the uses of that service or theme and nothing else."""
ACROSS_SERVICES = frozenset(("services_used", "services_at_once", "persona"))
"""Dimensions that rest on a person's services, whosever they are."""
FLOORS = ("threshold", "sensitive_threshold", "rounding_base", "smallest_base")
CEILINGS = ("most_attributes", "largest_hidden_share")


@dataclass(frozen=True)
class Rules:
    """What the pack says now. `unread` names agreement files that cannot be read."""

    contracts: Mapping[str, Contract] = field(default_factory=dict)
    agreements: Mapping[str, Agreement] = field(default_factory=dict)
    today: date = date.max
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class Withheld:
    """Feeds withheld with the reason, and their services; None of services: they cannot be told, so all are."""

    reasons: Mapping[str, str] = field(default_factory=dict)
    services: frozenset[str] | None = frozenset()

    def __bool__(self) -> bool:
        return bool(self.reasons)

    def words(self) -> str:
        """Return the reasons as one text."""
        return "; ".join(dict.fromkeys(self.reasons.values()))


NOTHING = Withheld()


class LiveRules:
    """The pack's agreements and contracts as their files are now; read again only when one of them has changed."""

    def __init__(self, area_dir: Path, *, today: str | None = None) -> None:
        self._area_dir = area_dir
        self._today = today
        self._lock = threading.Lock()
        self._signature: Signature | None = None
        self._rules = Rules()
        self._fixed: date | None = None

    def now(self) -> Rules:
        """Return what the pack says now, on today's date."""
        signature = self._look()
        with self._lock:
            if signature != self._signature:
                self._rules, self._fixed = self._read()
                self._signature = signature
            today = date.fromisoformat(self._today) if self._today else self._fixed or date.today()
            known = self._rules
        return Rules(known.contracts, known.agreements, today, known.unread)

    def _look(self) -> Signature:
        files = [*self._agreement_files(), *self._area_dir.glob("feeds/*.yaml"), self._area_dir / "area.yaml"]
        found = []
        for path in files:
            try:
                facts = path.stat()
            except OSError:
                continue  # gone between listing and looking: its absence is the change
            found.append((str(path), facts.st_mtime_ns, facts.st_size))
        return tuple(sorted(found))

    def _agreement_files(self) -> list[Path]:
        return sorted(self._area_dir.glob("agreements/*.yaml"))

    def _read(self) -> tuple[Rules, date | None]:
        agreements: dict[str, Agreement] = {}
        unread = []
        for path in self._agreement_files():
            try:
                agreement = read_model(Agreement, path)
            except AreaPackError:
                unread.append(path.name)
                continue
            if agreement.id in agreements:
                unread.append(path.name)
            agreements[agreement.id] = agreement
        try:
            fixed = read_model(Profile, self._area_dir / "area.yaml").today
            contracts = read_contracts(self._area_dir / "feeds", today=fixed or date.today())
        except AreaPackError:
            contracts, fixed = dict(self._rules.contracts), self._fixed
        return Rules(contracts, agreements, unread=tuple(unread)), fixed


def withheld(rules: Rules, feeds: Collection[str], *, use: Use, policy: str = "", pack: ReleasePolicies) -> Withheld:
    """Return which of a snapshot's feeds may not be served now for a use under a release policy, and why."""
    reasons: dict[str, str] = {}
    services: set[str] | None = set()
    for feed in sorted(feeds):
        contract = rules.contracts.get(feed)
        if contract is None:
            reasons[feed], services = f"the area has no contract for feed {feed} any more", None
            continue
        decision = serves(contract, rules.agreements, today=rules.today, use=use)
        agreement = rules.agreements.get(contract.agreement)
        reason = None if decision.allowed else decision.reason
        if reason is None and policy and agreement and _is_looser(pack, policy, agreement.release_policy):
            reason = f"agreement {agreement.id} allows its figures under the policy '{agreement.release_policy}' only"
        if reason is None:
            continue
        if agreement is None and rules.unread:
            reason += f" ({', '.join(rules.unread)} cannot be read)"
        reasons[feed] = reason
        own = services_of(contract)
        services = None if services is None or own is None else services | own
    return Withheld(reasons, None if services is None else frozenset(services))


def refuse_withheld(request: Request, hidden: Withheld, themes: Mapping[str, str]) -> None:
    """Raise NotPermitted where the answer would rest on a withheld feed; `themes` are those of services.

    What is asked of services that other feeds send alone is granted, and so is a table by service or theme, of which
    `without_withheld` then takes the rows of withheld feeds.
    """
    if not hidden or _rests_on_others(request, hidden, themes):
        return
    raise NotPermitted(
        f"This figure rests on data that may not be served now: {hidden.words()}. It comes back without them at the "
        "next refresh; figures of other partners' services can be asked for meanwhile."
    )


def without_withheld(table: ProtectedTable, hidden: Withheld, themes: Mapping[str, str]) -> ProtectedTable:
    """Return a table in which the figures of withheld services are hidden, with the total of everything."""
    if not hidden:
        return table
    touched, by = _touched(hidden, themes), table.request.by
    places = [(index, touched[name]) for index, name in enumerate(by) if name in touched]
    rows = tuple(
        (*row[:-1], None) if any(row[index] in codes for index, codes in places) else row for row in table.rows
    )
    is_narrowed = any(name in table.request.where for name in touched)
    return replace(table, rows=rows, total=table.total if is_narrowed else None)


def _rests_on_others(request: Request, hidden: Withheld, themes: Mapping[str, str]) -> bool:
    """Return whether all that a request counts comes from feeds that may be served, or stands in rows of its own."""
    if hidden.services is None or request.measure not in OWN_SERVICES:
        return False
    if ACROSS_SERVICES & {*request.by, *request.where}:
        return False
    touched = _touched(hidden, themes)
    chosen = [(name, value) for name in touched for value in request.where.get(name, ())]
    if any(value in touched[name] for name, value in chosen):
        return False
    return bool(chosen) or any(name in touched for name in request.by)


def _touched(hidden: Withheld, themes: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Return the services and the themes in which a withheld feed has a part, by dimension."""
    services = hidden.services or frozenset()
    return {"service": services, "theme": frozenset(themes[service] for service in services if service in themes)}


def _is_looser(pack: ReleasePolicies, asked: str, agreed: str) -> bool:
    """Return whether the policy asked for hides less than the one agreed, in any of its numbers."""
    named = pack.named()
    if agreed not in named or asked not in named:
        return True
    one, other = named[asked], named[agreed]
    return any(getattr(one, name) < getattr(other, name) for name in FLOORS) or any(
        getattr(one, name) > getattr(other, name) for name in CEILINGS
    )
