"""Deliveries in the landing folder: which files belong together, what period they report on, when they came.

One delivery is a sub-folder, or the top-level files whose names tell the same period and day. Several main files in one
sub-folder are parts of one delivery. What does not belong here: reading the files.
"""

import hashlib
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from orchestration.area.contracts import Contract
from orchestration.feeds.content import digest

UNFINISHED = re.compile(r"(?i)^[.~]|\.(part|partial|tmp|filepart|crdownload|aside)$")
IN_FOLDER_NAME = re.compile(r"(?P<period>\d{4}-(?:\d{2}|Q[1-4])(?!-?\d))|(?P<delivered>\d{4}-?\d{2}-?\d{2})")


@dataclass(frozen=True)
class DeliveredFile:
    """One file of a delivery and its role in the contract."""

    role: str
    path: Path
    name: str
    sha256: str


@dataclass(frozen=True)
class Delivery:
    """Files that belong together. `delivered_at` comes from the name where it tells, else from the newest file's time.

    `contract` is the version in force for the delivery: on the last day of its period, or on the day it came.
    `missing` are roles of the contract that no file fills; `ambiguous` those that several unrelated files could.
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


@dataclass
class Landing:
    """What lies in a feed's landing folder."""

    deliveries: list[Delivery] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)


def find_deliveries(contract: Contract, *, landing: Path, stable_seconds: float = 0.0) -> Landing:
    """Return the deliveries of a feed, oldest first, and the files left alone.

    waiting: still being copied (changed within `stable_seconds`, or named .part and the like); the rest of that
    delivery waits with them. outside: links that lead out of the landing folder; they are never followed.
    """
    found = Landing()
    folder = landing / contract.folder
    root = landing.resolve()
    if not folder.resolve().is_relative_to(root):
        found.outside.append(contract.folder)
        return found
    if not folder.is_dir():
        return found
    now = time.time()
    settled: list[Path] = []
    groups: list[tuple[str, list[Path]]] = []
    for entry in sorted(folder.iterdir()):
        if not entry.resolve().is_relative_to(root):
            found.outside.append(entry.name)
        elif entry.is_dir():
            groups.append((entry.name, sorted(p for p in entry.iterdir() if p.is_file())))
        elif entry.is_file() and _is_unfinished(entry, now, stable_seconds):
            found.waiting.append(entry.name)
        elif entry.is_file():
            settled.append(entry)
    found.deliveries.extend(_of_top_level(contract, settled, found))
    for name, paths in groups:
        links_out = [p.name for p in paths if not p.resolve().is_relative_to(root)]
        if links_out:
            found.outside.extend(f"{name}/{link}" for link in links_out)
            continue
        if any(_is_unfinished(path, now, stable_seconds) for path in paths):
            found.waiting.append(name)
            continue
        found.deliveries.extend(_of_folder(contract, name, paths, found))
    found.deliveries.sort(key=lambda d: (d.period or f"{d.delivered_at:%Y-%m}", d.delivered_at, d.delivery_id))
    return found


def delivery_of(contract: Contract, paths: Sequence[Path]) -> Delivery:
    """Return files named by a person as one delivery; roles that no name fits go to the file by elimination."""
    roles: dict[str, list[Path]] = defaultdict(list)
    spare: list[Path] = []
    for path in paths:
        role, _ = _role(contract, path.name)
        if role:
            roles[role].append(path)
        else:
            spare.append(path)
    texts = [_role(contract, path.name)[1] for path in paths]
    merged = {key: value for text in texts for key, value in text.items() if value}
    version = version_for(contract, merged, paths)
    for path in spare:
        role = next((role for role in version.files if not roles[role]), "main")
        roles[role].append(path)
    return _delivery(version, roles, merged)


def _is_unfinished(path: Path, now: float, stable_seconds: float) -> bool:
    return bool(UNFINISHED.search(path.name)) or (stable_seconds > 0 and now - path.stat().st_mtime < stable_seconds)


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


def _of_top_level(contract: Contract, paths: Iterable[Path], found: Landing) -> list[Delivery]:
    groups: dict[tuple[str, str], dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for path in paths:
        role, told = _role(contract, path.name)
        if role is None:
            found.unmatched.append(path.name)
            continue
        groups[told.get("period") or "", told.get("delivered") or ""][role].append(path)
    deliveries: list[Delivery] = []
    for (period, delivered), roles in groups.items():
        name_tells: dict[str, str | None] = {"period": period, "delivered": delivered}
        undated = {} if period or delivered else {path: version_for(contract, {}, [path]) for path in roles["main"]}
        version = version_for(contract, name_tells, roles["main"])
        found.unmatched.extend(path.name for role in roles if role not in version.files for path in roles[role])
        if len(version.files) == 1:
            deliveries.extend(
                _delivery(undated.get(path, version), {"main": [path]}, name_tells) for path in roles["main"]
            )
        elif any(roles[role] for role in version.files):
            deliveries.append(_delivery(version, roles, name_tells, parts_allowed=False))
    return deliveries


def _of_folder(contract: Contract, name: str, paths: Sequence[Path], found: Landing) -> list[Delivery]:
    roles: dict[str, list[Path]] = defaultdict(list)
    told: dict[str, str | None] = {}
    for match in IN_FOLDER_NAME.finditer(name):
        told.update({key: value for key, value in match.groupdict().items() if value})
    for path in paths:
        role, groups = _role(contract, path.name)
        if role is None:
            found.unmatched.append(f"{name}/{path.name}")
            continue
        roles[role].append(path)
        told.update({key: value for key, value in groups.items() if value})
    version = version_for(contract, told, paths)
    strange = [path.name for role in roles if role not in version.files for path in roles[role]]
    found.unmatched.extend(f"{name}/{path}" for path in strange)
    return [_delivery(version, roles, told)] if any(roles[role] for role in version.files) else []


def _delivery(
    contract: Contract, roles: Mapping[str, list[Path]], told: Mapping[str, str | None], *, parts_allowed: bool = True
) -> Delivery:
    """Return one delivery, to be read with the version of the contract that is in force for it."""
    roles = _with_sheets(contract, roles)
    files = [DeliveredFile(role, path, path.name, digest(path)) for role in contract.files for path in roles[role]]
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
        missing=tuple(role for role in contract.files if not roles[role]),
        ambiguous=() if parts_allowed else tuple(role for role, paths in roles.items() if len(paths) > 1),
    )


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


def _day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text.replace("_", "-"))
    except ValueError:
        return None
