"""Deliveries in the landing folder: which files belong together, what period they report on, when they came.

One delivery is a sub-folder, or the top-level files whose names tell the same period and day. Several main files in one
sub-folder are parts of one delivery. What does not belong here: reading the files.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from orchestration.area.contracts import Contract
from orchestration.feeds.content import digest
from orchestration.feeds.sidecars import Promise, is_sidecar, read_promises

Promises = Mapping[str, Promise]

IN_FOLDER_NAME = re.compile(r"(?P<period>\d{4}-(?:\d{2}|Q[1-4])(?!-?\d))|(?P<delivered>\d{4}-?\d{2}-?\d{2})")


@dataclass(frozen=True)
class DeliveredFile:
    """One file of a delivery, its role in the contract, and what it was when it was found.

    verified_by: the checksum file that came along and is right about it. key_id, previous_key_id: the keys of its
    tokens, as that says.
    """

    role: str
    path: Path
    name: str
    sha256: str
    size: int = -1
    modified_ns: int = 0
    verified_by: str | None = None
    key_id: str | None = None
    previous_key_id: str | None = None


@dataclass(frozen=True)
class Delivery:
    """Files that belong together. `delivered_at` comes from the name where it tells, else from the newest file's time.

    `contract` is the version in force for the delivery: on the last day of its period, or on the day it came.
    `missing` are roles of the contract that no file fills; `ambiguous` those that several unrelated files could.
    `revision` orders deliveries of one day. `unverified` says in words where files and their checksums disagree, and
    `told_at` when any of them last changed (seconds since 1970). `is_held`: another of its files cannot be read yet.
    """

    feed: str
    contract: Contract
    delivery_id: str
    files: tuple[DeliveredFile, ...]
    period: str | None
    delivered_at: datetime
    is_dated: bool
    missing: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    revision: int = 0
    unverified: tuple[str, ...] = ()
    told_at: float = 0.0
    is_held: bool = False
    no_day: str = ""  # what its name tells for a day of delivery that is none

    def is_untouched(self) -> bool:
        """Tell whether the files are still those that were found: same size, same time of change."""
        return all(_facts(file.path) == (file.size, file.modified_ns) for file in self.files)


def delivery_of(contract: Contract, paths: Sequence[Path]) -> Delivery:
    """Return files named by a person as one delivery; roles that no name fits go to the file by elimination."""
    roles: dict[str, list[Path]] = defaultdict(list)
    spare: list[Path] = []
    promises = read_promises(paths)
    rows = [path for path in paths if not is_sidecar(path.name)]
    for path in rows:
        role, _ = _role(contract, path.name)
        if role:
            roles[role].append(path)
        else:
            spare.append(path)
    texts = [_role(contract, path.name)[1] for path in rows]
    merged = {key: value for text in texts for key, value in text.items() if value}
    version = version_for(contract, merged, rows)
    for path in spare:
        role = next((role for role in version.files if not roles[role]), "main")
        roles[role].append(path)
    return _delivery(version, roles, merged, promises)


def _role(contract: Contract, name: str) -> tuple[str | None, dict[str, str | None]]:
    """Return the role of a file by its name (with or without .gz), and what the name tells."""
    found: list[tuple[str, dict[str, str | None]]] = []
    for version in reversed(contract.versions):
        for role, file in version.files.items():
            for candidate in dict.fromkeys((name, name.removesuffix(".gz"))):
                if match := re.fullmatch(file.pattern, candidate):
                    told = match.groupdict()
                    if version.version == version_for(contract, told).version:
                        return role, told
                    found.append((role, told))
    return found[0] if found else (None, {})


def version_named(contract: Contract, name: str) -> Contract:
    """Return the version in force for the period or day that a file's name tells; for one that tells none, today's."""
    return version_for(contract, _role(contract, name)[1])


def version_for(contract: Contract, told: Mapping[str, str | None], paths: Sequence[Path] = ()) -> Contract:
    """Return the version in force for a delivery: on the last day of its period, else on the day on which it came.

    The last day, because a system that changes within a period exports the whole period afterwards in its new form.
    """
    if period := period_code(told.get("period")):
        return contract.in_force_on(period_end(period))
    if day := _day(told.get("delivered")):
        return contract.in_force_on(day)
    if paths:
        return contract.in_force_on(_newest(paths).date())
    return contract


def _newest(paths: Iterable[Path]) -> datetime:
    return datetime.fromtimestamp(int(max(path.stat().st_mtime for path in paths)), tz=UTC)


def of_top_level(
    contract: Contract, paths: Iterable[Path], unmatched: list[str], promises: Promises, held: Iterable[str] = ()
) -> list[Delivery]:
    """Return the deliveries among files that lie side by side: those whose names tell the same are one delivery.

    Names that fit no pattern are added to `unmatched`. `held` are names of files that cannot be read yet.
    """
    still_to_come = {_same_delivery(told) for role, told in (_role(contract, name) for name in held) if role}
    groups: dict[tuple[str, str, str], dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for path in paths:
        role, told = _role(contract, path.name)
        if role is None:
            unmatched.append(path.name)
            continue
        groups[_same_delivery(told)][role].append(path)
    deliveries: list[Delivery] = []
    for (period, delivered, revision), roles in groups.items():
        name_tells: dict[str, str | None] = {"period": period, "delivered": delivered, "revision": revision}
        undated = {} if period or delivered else {path: version_for(contract, {}, [path]) for path in roles["main"]}
        version = version_for(contract, name_tells, roles["main"])
        unmatched.extend(path.name for role in roles if role not in version.files for path in roles[role])
        if len(version.files) == 1:
            deliveries.extend(
                _delivery(undated.get(path, version), {"main": [path]}, name_tells, promises) for path in roles["main"]
            )
        elif any(roles[role] for role in version.files):
            delivery = _delivery(version, roles, name_tells, promises, parts_allowed=False)
            deliveries.append(replace(delivery, is_held=(period, delivered, revision) in still_to_come))
    return deliveries


def _same_delivery(told: Mapping[str, str | None]) -> tuple[str, str, str]:
    return told.get("period") or "", told.get("delivered") or "", told.get("revision") or ""


def of_folder(
    contract: Contract, name: str, paths: Sequence[Path], unmatched: list[str], promises: Promises
) -> list[Delivery]:
    """Return the one delivery that a sub-folder holds, if it holds any; other names are added to `unmatched`."""
    roles: dict[str, list[Path]] = defaultdict(list)
    told: dict[str, str | None] = {}
    for match in IN_FOLDER_NAME.finditer(name):
        if match["period"] or _day(match["delivered"]):
            told.update({key: value for key, value in match.groupdict().items() if value})
    for path in paths:
        role, groups = _role(contract, path.name)
        if role is None:
            unmatched.append(f"{name}/{path.name}")
            continue
        roles[role].append(path)
        told.update({key: value for key, value in groups.items() if value})
    version = version_for(contract, told, paths)
    strange = [path.name for role in roles if role not in version.files for path in roles[role]]
    unmatched.extend(f"{name}/{path}" for path in strange)
    if not any(roles[role] for role in version.files):
        return []
    delivery = _delivery(version, roles, told, promises)
    here = {path.name for path in paths}
    absent = [
        f"'{name}', which '{p.told_by}' announces, has not come" for name, p in promises.items() if name not in here
    ]
    return [replace(delivery, unverified=(*delivery.unverified, *absent))]


def _delivery(
    contract: Contract,
    roles: Mapping[str, list[Path]],
    told: Mapping[str, str | None],
    promises: Promises,
    *,
    parts_allowed: bool = True,
) -> Delivery:
    """Return one delivery, to be read with the version of the contract that is in force for it."""
    roles = _with_sheets(contract, roles)
    files = [_file(role, path, promises) for role in contract.files for path in roles[role]]
    period = period_code(told.get("period"))
    delivered = _day(told.get("delivered"))
    if delivered:
        delivered_at = datetime(delivered.year, delivered.month, delivered.day, tzinfo=UTC)
    else:
        delivered_at = _newest(file.path for file in files)
    identity = "\n".join([contract.feed, period or "", *sorted(f"{f.role} {f.sha256}" for f in files)])
    return Delivery(
        feed=contract.feed,
        contract=contract,
        delivery_id=hashlib.sha256(identity.encode()).hexdigest()[:16],
        files=tuple(files),
        period=period,
        delivered_at=delivered_at,
        is_dated=delivered is not None,
        no_day="" if delivered else told.get("delivered") or "",
        missing=tuple(role for role in contract.files if not roles[role]),
        ambiguous=() if parts_allowed else tuple(role for role, paths in roles.items() if len(paths) > 1),
        revision=int(told.get("revision") or 0),
        unverified=tuple(why for file in files if (why := _disagreement(file, promises.get(file.name)))),
        told_at=max(*(file.modified_ns / 1e9 for file in files), *(one.told_at for one in promises.values()), 0.0),
    )


def _file(role: str, path: Path, promises: Promises) -> DeliveredFile:
    size, modified_ns = _facts(path)
    found, promise = digest(path), promises.get(path.name)
    if promise is None or promise.sha256 != found:
        return DeliveredFile(role, path, path.name, found, size, modified_ns)
    told = (promise.told_by, promise.key_id, promise.previous_key_id)
    return DeliveredFile(role, path, path.name, found, size, modified_ns, *told)


def _disagreement(file: DeliveredFile, promise: Promise | None) -> str | None:
    if promise is None or file.verified_by:
        return None
    if promise.sha256 is None:
        return f"'{promise.told_by}' holds no SHA-256 of '{file.name}'"
    return f"'{file.name}' does not have the SHA-256 that '{promise.told_by}' gives"


def _facts(path: Path) -> tuple[int, int]:
    """Return a file's size and time of change; of one that has gone, what no file has."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return (-2, 0)
    return found.st_size, found.st_mtime_ns


def _with_sheets(contract: Contract, roles: Mapping[str, list[Path]]) -> dict[str, list[Path]]:
    """Return the files of every role: a workbook plays all roles that share its pattern, each by a sheet of its own."""
    found: dict[str, list[Path]] = {}
    for role, file in contract.files.items():
        alike = (other for other, like in contract.files.items() if like.pattern == file.pattern and roles.get(other))
        found[role] = roles.get(role) or next((roles[other] for other in alike), [])
    return found


def period_code(text: str | None) -> str | None:
    """Return a reporting period as the code that sorts: YYYY-MM, YYYY-Qn or YYYY; None when it is not one."""
    if not text:
        return None
    if match := re.fullmatch(r"(\d{4})[-_]?(0[1-9]|1[0-2])", text):
        return f"{match[1]}-{match[2]}"
    if match := re.fullmatch(r"(?i)(\d{4})[-_]?q([1-4])", text):
        return f"{match[1]}-Q{match[2]}"
    return text if re.fullmatch(r"\d{4}", text) else None


def period_end(period: str) -> date:
    """Return the last day of a reporting period."""
    year, _, part = period.partition("-")
    month = 12 if not part else int(part[1:]) * 3 if part.startswith("Q") else int(part)
    following = date(int(year) + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def parts_of(period: str) -> frozenset[str]:
    """Return the quarters and months that a year or quarter holds; nothing for a month."""
    year, _, part = period.partition("-")
    if part.startswith("Q"):
        last = int(part[1:]) * 3
        return frozenset(f"{year}-{month:02d}" for month in range(last - 2, last + 1))
    if part:
        return frozenset()
    quarters = [f"{year}-Q{quarter}" for quarter in range(1, 5)]
    return frozenset(quarters).union(*(parts_of(quarter) for quarter in quarters))


def _day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text.replace("_", "-"))
    except ValueError:
        return None
