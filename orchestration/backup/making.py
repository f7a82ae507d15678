"""Making a backup: one consistent look at a home, streamed into one file that appears only when it is whole.

The lock of refreshes is held, so nothing is built meanwhile; the audit log is held while it is copied; databases that
the running app writes are copied through SQLite itself.
"""

import hashlib
import io
import os
import secrets
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from orchestration.audit import audit_of
from orchestration.backup.frames import FrameWriter
from orchestration.backup.manifest import (
    HOME,
    KEPT_DAYS,
    MOMENT,
    NAME,
    STATE,
    Kept,
    Manifest,
    digest_of,
    is_passing,
    is_secret,
    is_sqlite,
    pack_reference,
)
from orchestration.defs.due import refresh_lock
from orchestration.errors import BackupError, HomeError
from orchestration.settings import Settings
from orchestration.state.backups import Backup, note_backup
from orchestration.state.dumping import dump_state
from orchestration.state.store import FILE_NAME, store_of

PART = ".part"


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: its line in the register, how many files it holds, and which secrets it leaves to the vault."""

    backup: Backup
    files: int
    left_out: tuple[str, ...]


def make_backup(settings: Settings, out: Path, *, is_replacing: bool = False, keep_days: int = KEPT_DAYS) -> Made:
    """Write a backup; raise BusyError while a refresh runs, BackupError where the file is in the way or the home is
    not one."""
    out = out.expanduser().resolve()
    if not settings.state.is_dir():
        raise BackupError(f"{settings.home} holds no installation: name another home with JOINEDUP_HOME.")
    if out.is_relative_to(settings.home):
        raise BackupError(f"{out} is inside the home that is backed up: write it elsewhere, best on another machine.")
    if out.is_dir() or (out.exists() and not is_replacing):
        raise BackupError(f"{out} is there already: name another file, or say --overwrite.")
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    backup_id = f"b-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    with refresh_lock(settings), _whole_file(out) as (file, part):
        until = now.date() + timedelta(days=keep_days)
        manifest = _write(settings, file, backup_id=backup_id, at=now, until=until)
        file.flush()
        made = _registered(settings, part, out, backup_id=backup_id, at=now, until=until)
    audit_of(settings).record("backup", who="command line", backup=backup_id, change="made", digest_of_file=made.sha256)
    return Made(made, len(manifest.files), tuple(manifest.left_out))


def _registered(settings: Settings, part: Path, out: Path, *, backup_id: str, at: datetime, until: date) -> Backup:
    """Write a backup into the register before it appears: a kill leaves a line too many, never a file unknown."""
    whole = digest_of(part)
    made = Backup(backup_id, at, str(out), whole.sha256, whole.size, bool(settings.snapshot_keys()), until)
    note_backup(store_of(settings), made)
    return made


def _write(settings: Settings, file: io.BufferedWriter, *, backup_id: str, at: datetime, until: date) -> Manifest:
    revision, tables = dump_state(store_of(settings))
    frames = FrameWriter(file, backup_id=backup_id, keys=settings.snapshot_keys())
    files: dict[str, Kept] = {}
    links: dict[str, str] = {}
    folders: list[str] = []
    left_out: list[str] = []
    with tarfile.open(fileobj=frames, mode="w|", format=tarfile.PAX_FORMAT) as tar:  # type: ignore[call-overload]
        for name, rows in tables.items():
            files[f"{STATE}/{name}.jsonl"] = _add_bytes(tar, f"{STATE}/{name}.jsonl", rows)
        with audit_of(settings).held():
            for path in sorted(settings.home.rglob("*")):
                relative = path.relative_to(settings.home)
                name = f"{HOME}/{relative.as_posix()}"
                if path.is_symlink():
                    links[relative.as_posix()] = _target(path, settings.home)
                elif path.is_dir():
                    folders.append(relative.as_posix())
                elif is_secret(relative):
                    left_out.append(relative.as_posix())
                elif path.is_file() and not is_passing(relative) and path != settings.state / FILE_NAME:
                    files[name] = _add_file(tar, name, path)
        current = settings.published / "current"
        manifest = Manifest(
            backup_id=backup_id,
            made_at=f"{at.isoformat()}Z",
            snapshot=current.resolve().stem if current.exists() else None,
            release_secret=settings.release_secret_fingerprint() if settings.release_secret_file.exists() else None,
            state_revision=revision,
            pack=pack_reference(settings.area_dir),
            left_out=left_out,
            links=links,
            folders=folders,
            files=files,
            keep_until=until,
        )
        _add_bytes(tar, NAME, manifest.model_dump_json().encode())
    frames.close()
    return manifest


def _target(path: Path, home: Path) -> str:
    """Return where a link leads, if that is inside the home; a restore elsewhere must not lead out of itself."""
    target = path.readlink()
    if target.is_absolute() or not path.resolve().is_relative_to(home.resolve()):
        raise BackupError(
            f"{path} is a link that leads out of the home: put what it names into the home, or remove it."
        )
    return target.as_posix()


def _add_file(tar: tarfile.TarFile, name: str, path: Path) -> Kept:
    if not is_sqlite(path):
        return _add_whole(tar, name, path)
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        return _add_bytes(tar, name, database.serialize(), of=path)


def _add_whole(tar: tarfile.TarFile, name: str, path: Path) -> Kept:
    kept, facts = digest_of(path), path.stat()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = kept.size, facts.st_mode & 0o777
    entry.pax_headers = {MOMENT: str(facts.st_mtime_ns)}
    with path.open("rb") as file:
        tar.addfile(entry, file)
    if digest_of(path) != kept:
        raise BackupError(f"{path} changed while it was copied: run the backup again.")
    return kept


def _add_bytes(tar: tarfile.TarFile, name: str, data: bytes, *, of: Path | None = None) -> Kept:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    if of is not None:
        entry.mode = of.stat().st_mode & 0o777
        entry.pax_headers = {MOMENT: str(of.stat().st_mtime_ns)}
    tar.addfile(entry, io.BytesIO(data))
    return Kept(size=len(data), sha256=hashlib.sha256(data).hexdigest())


@contextmanager
def _whole_file(out: Path) -> Iterator[tuple[io.BufferedWriter, Path]]:
    """Give a file beside the one wanted, which takes its name only when it is whole and on the disk."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        for left in out.parent.glob(f"{out.name}.*{PART}"):
            left.unlink()  # of a process that was killed
        part = out.with_name(f"{out.name}.{os.getpid()}{PART}")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file, part
                file.flush()
                os.fsync(file.fileno())
            part.replace(out)
        finally:
            with suppress(FileNotFoundError):
                part.unlink()
    except OSError as error:
        raise HomeError(
            f"The backup cannot be written to {out} ({error.strerror or error}): free some space, mend the rights or "
            "name another file. What is backed up is untouched."
        ) from error
