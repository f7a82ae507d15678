"""What is in a backup: every file with its digest, the state's revision, and what was left out on purpose."""

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict

NAME = "manifest.json"
HOME, STATE = "home", "state-tables"
KEPT_DAYS = 35
"""How long a backup is kept where nobody says otherwise, and a folder with what was there before a restore."""
MOMENT = "JOINEDUP.mtime_ns"
"""A file's time to the nanosecond, by which a refresh knows what it has read."""


class Kept(BaseModel):
    """One file: its size in bytes and SHA-256."""

    model_config = ConfigDict(frozen=True)

    size: int
    sha256: str


class Manifest(BaseModel):
    """Everything that a restore checks against. `pack` is a reference: the area pack itself is not in a backup."""

    backup_id: str
    made_at: str
    snapshot: str | None
    release_secret: str | None
    state_revision: str
    pack: dict[str, str]
    left_out: list[str]
    links: dict[str, str]
    folders: list[str]
    files: dict[str, Kept]
    keep_until: date | None = None


def is_secret(relative: Path) -> bool:
    """Whether a file of the home is a secret, which no backup holds: keys, and where a partner lives, linkage keys."""
    return relative.suffix in (".key", ".pem") and relative.name != "public-key.pem"


def is_list_of_marks(relative: Path) -> bool:
    """Whether a file of the home is a list of people who were forgotten or object, as keyed marks."""
    return relative.parts[:2] == ("state", "rights") and relative.suffix == ".parquet"


def is_passing(relative: Path) -> bool:
    """Whether a file of the home is a lock, or the journal of a database that is copied through itself."""
    return relative.suffix == ".lock" or relative.name == "lock" or relative.name.endswith(("-wal", "-shm", "-journal"))


def is_sqlite(path: Path) -> bool:
    """Whether a file is an SQLite database, told by its first bytes."""
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


def digest_of(path: Path) -> Kept:
    """Return size and SHA-256 of a file."""
    with path.open("rb") as file:
        return Kept(size=path.stat().st_size, sha256=hashlib.file_digest(file, "sha256").hexdigest())


def pack_reference(area_dir: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of an area pack."""
    found: Iterator[Path] = (path for path in sorted(area_dir.rglob("*")) if path.is_file())
    return {path.relative_to(area_dir).as_posix(): digest_of(path).sha256 for path in found}
