"""Putting a backup back: laid out beside the home, checked byte by byte, and then put in its place in one move.

Until that move the home is as it was, so a restore that is refused or killed loses nothing. What was in the home before
stays beside it under another name.
"""

import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from orchestration.audit import audit_of
from orchestration.backup.frames import FrameReader
from orchestration.backup.manifest import (
    HOME,
    MOMENT,
    NAME,
    STATE,
    Manifest,
    digest_of,
    is_list_of_marks,
    is_passing,
    is_secret,
    pack_reference,
)
from orchestration.defs.due import refresh_lock
from orchestration.errors import BackupError, ConfigurationError, HomeError
from orchestration.rights.marks import merge_lists, rights_folder
from orchestration.rights.pending import PENDING
from orchestration.settings import Settings
from orchestration.state.dumping import NotEmptyError, load_state
from orchestration.state.store import FILE_NAME, Store, store_of, url_of

LAYING_OUT = "restoring"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back; where what was there before is now; which secrets are missing; how the area pack differs."""

    manifest: Manifest
    before: Path | None
    missing_secrets: tuple[str, ...]
    pack_changes: tuple[str, ...]


def restore_backup(settings: Settings, source: Path, *, is_replacing: bool = False) -> Restored:
    """Put a backup back into the home; raise BackupError and change nothing where that cannot be done."""
    home, source = settings.home, source.expanduser().resolve()
    held = _held(home)
    if any(not (is_secret(path) or is_passing(path) or is_list_of_marks(path)) for path in held) and not is_replacing:
        raise BackupError(
            f"{home} is not empty: restore into another with JOINEDUP_HOME, or say --overwrite, which keeps what is "
            "there beside it under another name."
        )
    lock = refresh_lock(settings) if (settings.state / "refresh.lock").exists() else nullcontext()
    with lock, _staging(home) as staging:
        manifest = _lay_out(settings, source, staging)
        _check(staging, manifest)
        _bring_secrets(settings, manifest, staging, held)
        _bring_marks(settings, staging)
        _put_state_back(settings, manifest, staging, is_replacing=is_replacing)
        before = _swap(home, staging / HOME, manifest.backup_id, is_anything=bool(held))
    store_of(settings).close()
    if (settings.audit_key_file or settings.state / "audit.key").exists():  # else nothing can be signed before it is
        audit_of(settings).record("backup", who="command line", backup=manifest.backup_id, change="restored")
    missing = [name for name in manifest.left_out if not (home / name).exists()]
    return Restored(manifest, before, tuple(missing), tuple(_pack_changes(settings, manifest)))


def _held(home: Path) -> list[Path]:
    if not home.exists():
        return []
    return [path.relative_to(home) for path in sorted(home.rglob("*")) if not path.is_dir() or path.is_symlink()]


@contextmanager
def _staging(home: Path) -> Iterator[Path]:
    """Give an empty folder on the home's own disk; what a killed restore has left there is removed."""
    staging = home.with_name(f".{home.name}-{LAYING_OUT}")
    try:
        shutil.rmtree(staging, ignore_errors=True)
        (staging / HOME).mkdir(parents=True, mode=0o700)
        (staging / STATE).mkdir(mode=0o700)
        yield staging
    except OSError as error:
        raise HomeError(
            f"The backup cannot be laid out beside {home} ({error.strerror or error}): free some space or mend the "
            "rights. The home is as it was."
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _lay_out(settings: Settings, source: Path, staging: Path) -> Manifest:
    """Write every file of a backup into the staging folder and return its manifest."""
    try:
        file = source.open("rb")
    except OSError as error:
        raise BackupError(
            f"{source} cannot be read ({error.strerror}): name a file that `joinedup backup` wrote."
        ) from error
    text: bytes | None = None
    with file:
        frames = FrameReader(file, name=str(source), keys=settings.snapshot_keys())
        try:
            with tarfile.open(fileobj=frames, mode="r|") as tar:  # type: ignore[call-overload]
                for entry in tar:
                    content = tar.extractfile(entry)
                    if content is None or not _is_ours(entry.name):
                        raise BackupError(f"{source} is damaged: it holds what no backup does. Nothing was changed.")
                    if entry.name == NAME:
                        text = content.read()
                        continue
                    path = staging / entry.name
                    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                    with path.open("wb") as out:
                        shutil.copyfileobj(content, out)
                    path.chmod(entry.mode & 0o777)
                    moment = int(entry.pax_headers.get(MOMENT, "0"))
                    os.utime(path, ns=(moment, moment))
        except tarfile.TarError as error:
            raise BackupError(f"{source} is damaged: its list of files cannot be read. Nothing was changed.") from error
        frames.finish()
    try:
        manifest = Manifest.model_validate_json(text or b"")
    except ValidationError as error:
        raise BackupError(f"{source} is damaged: it does not say what it holds. Nothing was changed.") from error
    if manifest.backup_id != frames.backup_id:
        raise BackupError(f"{source} is damaged: it is put together from two backups. Nothing was changed.")
    return manifest


def _is_ours(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return name == NAME or (len(parts) > 1 and parts[0] in (HOME, STATE) and ".." not in parts)


def _check(staging: Path, manifest: Manifest) -> None:
    """Hold every file on the disk against the manifest, then lay out empty folders and links."""
    found = {path.relative_to(staging).as_posix() for path in staging.rglob("*") if path.is_file()}
    if found != set(manifest.files):
        raise BackupError("The backup is damaged: its files are not those that it lists. Nothing was changed.")
    for name, kept in manifest.files.items():
        if digest_of(staging / name) != kept:
            raise BackupError(f"The backup is damaged: {name} is not what was backed up. Nothing was changed.")
    for name in [*manifest.folders, *manifest.links]:
        if not _is_ours(f"{HOME}/{name}"):
            raise BackupError("The backup is damaged: it names a place outside the home. Nothing was changed.")
    for name in manifest.folders:
        (staging / HOME / name).mkdir(parents=True, exist_ok=True)
    for name, target in manifest.links.items():
        link = staging / HOME / name
        if not (link.parent / target).resolve().is_relative_to((staging / HOME).resolve()):
            raise BackupError("The backup is damaged: a link in it leads out of the home. Nothing was changed.")
        link.symlink_to(target)


def _bring_secrets(settings: Settings, manifest: Manifest, staging: Path, held: list[Path]) -> None:
    """Take over the secrets that lie in the home; refuse a release secret that is not the one of the backup."""
    path = settings.release_secret_file
    if manifest.release_secret and path.exists():
        print_of = settings.release_secret_fingerprint()
        if print_of != manifest.release_secret:
            raise ConfigurationError(
                f"{path} is not the release secret of this backup ({print_of}, not {manifest.release_secret}): with it "
                "every published figure would change. Put the right one there from your vault."
            )
    for relative in held:
        if is_secret(relative):
            target = staging / HOME / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(settings.home / relative, target)


def _bring_marks(settings: Settings, staging: Path) -> None:
    """Keep who was forgotten or objected since the backup was made; the next refresh takes them out again."""
    restored = staging / HOME / "state" / "rights"
    if merge_lists(rights_folder(settings), restored):
        (restored / PENDING).write_text("A restored snapshot may count somebody who was forgotten.\n", encoding="ascii")


def _put_state_back(settings: Settings, manifest: Manifest, staging: Path, *, is_replacing: bool) -> None:
    """Put the rows of the state store back: into a new file, or into PostgreSQL, where other rows are refused."""
    dump = {path.stem: path.read_bytes() for path in (staging / STATE).glob("*.jsonl")}
    store = store_of(settings)
    is_new = settings.state_url is None
    if is_new:
        store = Store(url_of(f"sqlite:///{staging / HOME / 'state' / FILE_NAME}"))
    try:
        load_state(store, manifest.state_revision, dump, is_replacing=is_replacing or is_new)
    except NotEmptyError as error:
        raise BackupError(
            f"{store.name} holds other decisions or voices than the backup: name an empty database in "
            "JOINEDUP_STATE_URL, or say --overwrite. Nothing was changed."
        ) from error
    finally:
        if is_new:
            store.close()


def _swap(home: Path, restored: Path, backup_id: str, *, is_anything: bool) -> Path | None:
    """Put the restored home in place; return where what was there before is kept."""
    before = None
    if home.exists():
        if is_anything:
            before = home.with_name(f"{home.name}-before-{backup_id}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
            home.rename(before)
        else:
            shutil.rmtree(home)
    restored.rename(home)
    return before


def _pack_changes(settings: Settings, manifest: Manifest) -> list[str]:
    """Return the files of the area pack that are not as they were when the backup was made."""
    now = pack_reference(settings.area_dir)
    return sorted(name for name in {*now, *manifest.pack} if now.get(name) != manifest.pack.get(name))
