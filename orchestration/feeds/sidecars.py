"""Checksums and manifests that a partner sends along, so that a file still being copied is told from a finished one.

What belongs here: finding and reading them. What does not: waiting or refusing (orchestration.feeds.deliveries).

Known forms: `<file>.sha256` and `SHA256SUMS` as `sha256sum` writes them, `<file>.manifest.json` as `joinedup
pseudonymise` writes it, and `manifest.json` with `files`: names to digests, or a list of `name` and `sha256`.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OF_ONE_FILE = re.compile(r"(?i)^(?P<name>.+)\.(?:sha256|sha256sum|manifest\.json)$")
OF_MANY_FILES = re.compile(r"(?i)^(?:sha256sums?(?:\.txt)?|checksums?\.sha256|manifest\.json)$")
LINE = re.compile(r"^\\?(?P<sha256>[0-9a-fA-F]{64})(?: [ *](?P<name>.+))?$")
MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class Promise:
    """What a checksum file says of one file. `sha256` is None when the checksum file itself cannot be understood.

    key_id: which key made the tokens, as a manifest of `joinedup pseudonymise` tells it; never the key.
    previous_key_id: that of a second set of tokens.
    """

    sha256: str | None
    told_by: str
    told_at: float
    key_id: str | None = None
    previous_key_id: str | None = None


def is_sidecar(name: str) -> bool:
    """Tell whether a file says something about others and holds no rows itself."""
    return bool(OF_ONE_FILE.match(name) or OF_MANY_FILES.match(name))


def speaks_of(sidecar: str, name: str) -> bool:
    """Tell whether a file of this name would say something about the other, whatever it holds."""
    if OF_MANY_FILES.match(sidecar):
        return True
    match = OF_ONE_FILE.match(sidecar)
    return match is not None and match["name"] == name


def read_promises(paths: Iterable[Path]) -> dict[str, Promise]:
    """Return what the checksum files among the files of one folder promise, by the name of the file promised."""
    found: dict[str, Promise] = {}
    for path in paths:
        if not is_sidecar(path.name):
            continue
        told_at = path.stat().st_mtime
        key_id, previous_key_id = _key_ids(path)
        for name, sha256 in _told(path):
            found[name] = Promise(sha256, path.name, told_at, key_id, previous_key_id)
    return found


def _told(path: Path) -> Iterator[tuple[str, str | None]]:
    alone = None if OF_MANY_FILES.match(path.name) else OF_ONE_FILE.match(path.name)
    subject = alone["name"] if alone else None
    text = _text(path)
    if path.name.lower().endswith(".json"):
        yield from _of_manifest(text, subject)
        return
    understood = False
    for line in text.splitlines():
        if match := LINE.match(line.strip()):
            understood = True
            # a checksum made in another folder, or before the file was renamed, still speaks of this file
            name = subject or Path(match["name"] or "").name
            if name:
                yield name, match["sha256"].lower()
    if subject and not understood:
        yield subject, None


def _of_manifest(text: str, subject: str | None) -> Iterator[tuple[str, str | None]]:
    try:
        said: Any = json.loads(text)
    except ValueError:
        said = None
    if subject:
        yield subject, _digest(said.get("sha256")) if isinstance(said, dict) else None
        return
    files = said.get("files") if isinstance(said, dict) else None
    if isinstance(files, dict):
        yield from ((Path(str(name)).name, _digest(sha256)) for name, sha256 in files.items())
    elif isinstance(files, list):
        for entry in files:
            if isinstance(entry, dict) and isinstance(entry.get("name"), str):
                yield Path(entry["name"]).name, _digest(entry.get("sha256"))


def _key_ids(path: Path) -> tuple[str | None, str | None]:
    if not path.name.lower().endswith(".json"):
        return None, None
    try:
        said: Any = json.loads(_text(path))
    except ValueError:
        return None, None
    told = (said.get("key_id"), said.get("previous_key_id")) if isinstance(said, dict) else (None, None)
    first, second = (key if isinstance(key, str) and re.fullmatch(r"[0-9a-f]{8}", key) else None for key in told)
    return first, second


def _digest(value: object) -> str | None:
    return value.lower() if isinstance(value, str) and re.fullmatch(r"[0-9a-fA-F]{64}", value) else None


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(MOST_BYTES).decode("utf-8-sig", errors="replace")
