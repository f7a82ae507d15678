"""Putting a backup back: laid out beside the home, checked byte by byte, and then put in its place in one move.

Until that move the home is as it was, so a restore that is refused or killed loses nothing. What was in the home before
stays beside it under another name.
"""

import dataclasses
import json
import os
import secrets
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from orchestration.audit import audit_of
from orchestration.backup.frames import FrameReader
from orchestration.backup.manifest import (
    HOME,
    KEPT_DAYS,
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
from orchestration.errors import BackupError, ConfigurationError, HomeError, JoinedUpError
from orchestration.rights.marks import merge_lists, rights_folder
from orchestration.rights.pending import PENDING
from orchestration.rights.withdrawing import withdrawn_voices
from orchestration.settings import Settings
from orchestration.state.backups import PUT_ASIDE, Backup
from orchestration.state.carrying import Carried, read_carried
from orchestration.state.dumping import NotEmptyError, load_state
from orchestration.state.store import FILE_NAME, Store, store_of, url_of

LAYING_OUT = "restoring"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back; where what was there before is now; which secrets are missing; how the area pack differs.

    is_former_state_read: False where withdrawals and the register of the state before could not be taken over.
    """

    manifest: Manifest
    before: Path | None
    missing_secrets: tuple[str, ...]
    pack_changes: tuple[str, ...]
    is_former_state_read: bool = True


def restore_backup(settings: Settings, source: Path, *, is_replacing: bool = False) -> Restored:
    """Put a backup back into the home; raise BackupError and change nothing where that cannot be done."""
    home, source = settings.home, source.expanduser().resolve()
    held = _held(home)
    is_anything = any(not (is_secret(path) or is_passing(path) or is_list_of_marks(path)) for path in held)
    if is_anything and not is_replacing:
        raise BackupError(
            f"{home} is not empty: restore into another with JOINEDUP_HOME, or say --overwrite, which keeps what is "
            "there beside it under another name."
        )
    lock = refresh_lock(settings) if (settings.state / "refresh.lock").exists() else nullcontext()
    with lock, _staging(home) as staging:
        manifest, is_sealed = _lay_out(settings, source, staging)
        _check(staging, manifest)
        _bring_secrets(settings, manifest, staging, held)
        _bring_marks(settings, staging)
        aside = home.with_name(f"{home.name}-{PUT_ASIDE}{manifest.backup_id}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        lines = [_itself(manifest, source, is_sealed=is_sealed)]
        if is_anything:
            lines.append(_put_aside(aside))
        carried, is_read = _carried(settings, staging, lines)
        _put_state_back(
            settings,
            manifest,
            staging,
            carried,
            is_replacing=is_replacing,
            swap=lambda: _swap(home, staging / HOME, aside if held else None),
            aside=aside,
        )
    store_of(settings).close()
    if (settings.audit_key_file or settings.state / "audit.key").exists():  # else nothing can be signed before it is
        audit_of(settings).record("backup", who="command line", backup=manifest.backup_id, change="restored")
    missing = [name for name in manifest.left_out if not (home / name).exists()]
    changes = tuple(_pack_changes(settings, manifest))
    return Restored(manifest, aside if aside.exists() else None, tuple(missing), changes, is_read)


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


def _lay_out(settings: Settings, source: Path, staging: Path) -> tuple[Manifest, bool]:
    """Write every file of a backup into the staging folder; return its manifest, and whether it is sealed."""
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
    return manifest, frames.is_sealed


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


def _itself(manifest: Manifest, source: Path, *, is_sealed: bool) -> Backup:
    """Return the line of the backup that is put back: the register in it was read before it was written there."""
    made, whole = datetime.fromisoformat(manifest.made_at.removesuffix("Z")), digest_of(source)
    until = manifest.keep_until or made.date() + timedelta(days=KEPT_DAYS)
    return Backup(manifest.backup_id, made, str(source), whole.sha256, whole.size, is_sealed, until)


def _put_aside(aside: Path) -> Backup:
    """Return the line of the folder with what was there before: it goes as a backup goes."""
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    until = now.date() + timedelta(days=KEPT_DAYS)
    return Backup(f"{PUT_ASIDE}{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}", now, str(aside), "", 0, False, until)


def _carried(settings: Settings, staging: Path, lines: list[Backup]) -> tuple[Carried, bool]:
    """Return what outlives the state that is replaced, and whether that state could be read."""
    held, is_read = Carried(), True
    if settings.state_url is not None or (settings.state / FILE_NAME).exists():
        try:
            held = read_carried(store_of(settings))
        except JoinedUpError:  # damaged, or of a newer version: perhaps the reason for restoring
            is_read = False
    known = {row["backup_id"] for row in held.backups}
    new = tuple(asdict(line) for line in lines if line.backup_id not in known)
    ids = [json.loads(line)["voice_id"] for line in _dump(staging).get("voice", b"").splitlines()]
    try:
        withdrawn = withdrawn_voices(dataclasses.replace(settings, home=staging / HOME), ids)
    except HomeError:  # the key of the lists is still in its vault
        withdrawn, is_read = {}, False
    return Carried((*held.backups, *new), held.withdrawn, withdrawn), is_read


def _dump(staging: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in (staging / STATE).glob("*.jsonl")}


def _put_state_back(
    settings: Settings,
    manifest: Manifest,
    staging: Path,
    carried: Carried,
    *,
    is_replacing: bool,
    swap: Callable[[], None],
    aside: Path,
) -> None:
    """Put the rows of the state store back, and the home in its place.

    Into PostgreSQL both in one transaction, where other rows are refused or kept as lines in the folder put aside.
    """

    def swap_with_rows(replaced: dict[str, bytes]) -> None:
        swap()
        for name, rows in replaced.items() if is_replacing else ():
            if rows:
                (aside / STATE).mkdir(parents=True, exist_ok=True, mode=0o700)
                (aside / STATE / f"{name}.jsonl").write_bytes(rows)

    dump, store = _dump(staging), store_of(settings)
    is_new = settings.state_url is None
    if is_new:
        store = Store(url_of(f"sqlite:///{staging / HOME / 'state' / FILE_NAME}"))
    try:
        load_state(
            store,
            manifest.state_revision,
            dump,
            is_replacing=is_replacing or is_new,
            carried=carried,
            before_commit=swap_with_rows if not is_new else lambda _replaced: None,
        )
    except NotEmptyError as error:
        raise BackupError(
            f"{store.name} holds other decisions or voices than the backup: name an empty database in "
            "JOINEDUP_STATE_URL, or say --overwrite. Nothing was changed."
        ) from error
    finally:
        if is_new:
            store.close()
    if is_new:
        swap()


def _swap(home: Path, restored: Path, aside: Path | None) -> None:
    """Put the restored home in place of what was there, which is put aside where there is anything in it."""
    if home.exists() and aside is not None:
        home.rename(aside)
    elif home.exists():
        shutil.rmtree(home)
    restored.rename(home)


def _pack_changes(settings: Settings, manifest: Manifest) -> list[str]:
    """Return the files of the area pack that are not as they were when the backup was made."""
    now = pack_reference(settings.area_dir)
    return sorted(name for name in {*now, *manifest.pack} if now.get(name) != manifest.pack.get(name))
