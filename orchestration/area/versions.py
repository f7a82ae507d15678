"""Feed contracts and their versions: `<feed>.yaml`, and `<feed>.<YYYY-MM-DD>.yaml` with what differs from that day on.

A version says only what changes. It is laid over the version before it: keys with values below them are merged, lists
and single values are replaced, and `~` (null) takes a key away. What belongs here: finding the files, merging them, and
telling which file and line a fault comes from. What does not: which version reads a delivery (orchestration.feeds).

The rule of merging is that of JSON Merge Patch (RFC 7396).
"""

import difflib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.area.contracts import Contract
from orchestration.area.reading import Location, Origins, model_of, place, read_mapping
from orchestration.errors import AreaPackError

Data = dict[Any, Any]
UNCHANGEABLE: tuple[Location, ...] = (
    ("feed",),
    ("partner",),
    ("agreement",),
    ("effective_from",),
    ("one_person_per_reference",),
    ("delivery", "mode"),
    ("delivery", "folder"),
)
"""What a feed is: rows of all its deliveries stand together, under one agreement and by one mode."""


@dataclass(frozen=True)
class ContractFile:
    """One version as it reads when everything before it is merged in, and the file and line of each of its keys."""

    contract: Contract
    path: Path
    origins: Origins


def read_contracts(folder: Path, *, today: date) -> dict[str, Contract]:
    """Return each feed's contract in the version in force today, knowing the others.

    Raises AreaPackError naming file, line and key of what is wrong.
    """
    found: dict[str, Contract] = {}
    for base, later in contract_files(folder).items():
        versions = tuple(version.contract for version in read_versions(base, later))
        feed = versions[0].feed
        if feed in found:
            raise AreaPackError(f"{base}, key 'feed': '{feed}' is already used by another file in {folder}.")
        found[feed] = versions[0].with_versions(versions).in_force_on(today).with_versions(versions)
    return found


def read_contract_file(path: Path) -> Contract:
    """Return the contract of one file outside an area pack, as a partner may have it; raise AreaPackError."""
    if not path.is_file():
        raise AreaPackError(f"There is no contract {path}: ask the area for the feed's .yaml file.")
    return read_versions(path, [])[0].contract


def contract_files(folder: Path) -> dict[Path, list[tuple[date, Path]]]:
    """Return each contract's first file with the files of its later versions, the oldest first."""
    paths = sorted(folder.glob("*.yaml"))
    bases: dict[str, Path] = {path.stem: path for path in paths if "." not in path.stem}
    found: dict[Path, list[tuple[date, Path]]] = {path: [] for path in bases.values()}
    for path in paths:
        feed, dot, _ = path.stem.partition(".")
        if not dot:
            continue
        if feed not in bases:
            raise AreaPackError(f"{path}: a version of a contract needs its first file, {folder / feed}.yaml.")
        found[bases[feed]].append((version_day(path), path))
    return {base: sorted(later) for base, later in found.items()}


def version_day(path: Path) -> date:
    """Return the day from which a version holds, which its file's name tells."""
    text = path.stem.partition(".")[2]
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise AreaPackError(
            f"{path}: '{text}' is not a date. A version is named <feed>.<YYYY-MM-DD>.yaml after the day from which it "
            "holds."
        ) from None


def read_versions(base: Path, later: list[tuple[date, Path]]) -> list[ContractFile]:
    """Return every version of one contract, the first file's first."""
    data, lines = read_mapping(base)
    origins: dict[Location, tuple[Path, int]] = {at: (base, line) for at, line in lines.items()}
    if "effective_from" in data:
        raise AreaPackError(
            f"{place(origins, ('effective_from',))}: the first version holds from the beginning. Put what changes on a "
            f"day into {base.stem}.<YYYY-MM-DD>.yaml beside it."
        )
    data = _long_form(data)
    found = [ContractFile(model_of(Contract, data, origins), base, origins)]
    if later and found[0].contract.feed != base.stem:
        raise AreaPackError(
            f"{place(origins, ('feed',))}: a contract with versions bears its feed's name: rename the file."
        )
    for day, path in later:
        change, lines = read_mapping(path)
        said: Origins = {at: (path, line) for at, line in lines.items()}
        _refuse_unchangeable(change, said)
        origins = dict(origins)
        data = _merged(data, _long_form(change), (), said, origins)
        found.append(ContractFile(model_of(Contract, data | {"effective_from": day}, origins), path, origins))
    return found


def _refuse_unchangeable(change: Data, said: Origins) -> None:
    for location in UNCHANGEABLE:
        value: Any = change
        for part in location:
            value = value.get(part, said) if isinstance(value, dict) else said
        if value is not said:
            raise AreaPackError(
                f"{place(said, location)}: a version cannot change this, because rows of all versions stand together. "
                "Start a feed of its own, or change it in the first file for the whole feed."
            )


def _long_form(data: Data) -> Data:
    """Return a contract in which `sex: Gender` is written `sex: {from: Gender}`, so that versions can be laid over."""
    entities = data.get("entities")
    if not isinstance(entities, dict):
        return data
    written = {
        entity: mapping | {"columns": {k: {"from": v} if isinstance(v, str) else v for k, v in columns.items()}}
        if isinstance(mapping, dict) and isinstance(columns := mapping.get("columns"), dict)
        else mapping
        for entity, mapping in entities.items()
    }
    return data | {"entities": written}


def _merged(base: Data, change: Data, at: Location, said: Origins, origins: dict[Location, tuple[Path, int]]) -> Data:
    """Lay a change over what was before; `origins` then tell for each key which file last said it."""
    result = dict(base)
    names = {str(key): key for key in result}
    for key, value in change.items():
        here = (*at, str(key))
        known = names.get(str(key), key)
        if value is None:
            if known not in result:
                raise AreaPackError(f"{place(said, here)}: there is nothing to take away.{_hint(str(key), names)}")
            del result[known]
            _forget(origins, here)
            origins[here] = said[here]
        elif isinstance(value, dict) and isinstance(result.get(known), dict):
            result[known] = _merged(result[known], value, here, said, origins)
        else:
            result[known] = _without_nulls(value)
            _forget(origins, here)
            origins.update({below: origin for below, origin in said.items() if below[: len(here)] == here})
    return result


def _forget(origins: dict[Location, tuple[Path, int]], here: Location) -> None:
    for below in [location for location in origins if location[: len(here)] == here]:
        del origins[below]


def _without_nulls(value: Any) -> Any:
    """Return a new part of a contract: there is nothing below it that a null could take away."""
    return {k: _without_nulls(v) for k, v in value.items() if v is not None} if isinstance(value, dict) else value


def _hint(key: str, known: dict[str, Any]) -> str:
    if close := difflib.get_close_matches(key, list(known), n=1):
        return f" Did you mean '{close[0]}'?"
    return f" The version before has: {', '.join(known) or 'nothing here'}."
