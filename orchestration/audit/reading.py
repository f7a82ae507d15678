"""Reading the audit log back: its files in order, its records, and those that a governance lead looks for."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestration.audit.chain import Record

SEGMENTS = "[0-9]*.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log and where it stands; `record` is None where the line is no JSON object."""

    path: Path
    number: int
    text: bytes
    record: Record | None

    @property
    def place(self) -> str:
        return f"{self.path.name}, line {self.number}"


def segments(folder: Path) -> list[Path]:
    """Return the files of the log, oldest first."""
    return sorted(folder.glob(SEGMENTS))


def entries(folder: Path) -> Iterator[Entry]:
    """Yield every line of the log in order, whole or not."""
    for path in segments(folder):
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                yield Entry(path, number, line, as_object(line))


def last_whole(folder: Path) -> tuple[Path | None, Record | None]:
    """Return the newest file, and the last record that can be read and knows its place."""
    found = segments(folder)
    for path in reversed(found):
        for line in reversed(path.read_bytes().splitlines()):
            record = as_object(line)
            if record and isinstance(record.get("seq"), int) and {"digest", "at"} <= set(record):
                return found[-1], record
    return (found[-1] if found else None), None


def search(
    folder: Path,
    *,
    who: str = "",
    kinds: Iterable[str] = (),
    since: str = "",
    until: str = "",
    asked: str = "",
) -> Iterator[Record]:
    """Yield records, oldest first. `who` and `asked` are parts of a text in any case; both days (YYYY-MM-DD) count."""
    wanted, who, asked = set(kinds), who.casefold(), asked.casefold()
    for entry in entries(folder):
        record = entry.record
        if record is None or (wanted and record.get("kind") not in wanted):
            continue
        day = str(record.get("at", ""))[:10]
        if (since and day < since) or (until and day > until):
            continue
        if who and who not in str(record.get("who", "")).casefold():
            continue
        if asked and asked not in str(record.get("asked", "")).casefold():
            continue
        yield record


def as_object(line: bytes) -> Record | None:
    """Return the JSON object of a line, None where it is none."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
