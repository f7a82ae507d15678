"""Changes of the area pack: each file's digest beside the one known before, at every refresh and start of serving."""

import hashlib
import json
from pathlib import Path

from orchestration.audit.log import AuditLog, account
from orchestration.audit.reading import search

KNOWN = "pack.json"
NOTHING = ""
Manifest = dict[str, str]


def note_pack(log: AuditLog, area_dir: Path, *, moment: str, who: str = "") -> list[str]:
    """Record which files of the pack are new, changed or gone since the last look; return their names.

    Who changed a file is not known to the file system; `who` is the account that looked, unless a caller knows better.
    """
    who, now = who or account(), manifest(area_dir)
    known, pack = _known(log), digest_of_manifest(now)
    if known is None:
        log.record("configuration_known", who=who, files=len(now), pack=pack, moment=moment)
        _keep(log, now)
        return []
    changed = sorted(name for name in known.keys() | now.keys() if known.get(name) != now.get(name))
    for name in changed:
        is_agreement = name.startswith("agreements/")
        log.record(
            "agreement_changed" if is_agreement else "configuration_changed",
            who=who, file=name, old=known.get(name, NOTHING), new=now.get(name, NOTHING), pack=pack, moment=moment,
        )  # fmt: skip
    if changed:
        _keep(log, now)
    return changed


def manifest(area_dir: Path) -> Manifest:
    """Return each file of the pack with the SHA-256 of its bytes."""
    return {
        path.relative_to(area_dir).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(area_dir.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }


def digest_of_manifest(found: Manifest) -> str:
    """Return one digest of all files."""
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def known_pack_fault(log: AuditLog) -> str | None:
    """Return what is wrong with the list of known files: it must be the one that the log recorded last."""
    recorded = ""
    for record in search(log.folder, kinds=("configuration_known", "configuration_changed", "agreement_changed")):
        recorded = str(record.get("pack", ""))
    known = _known(log)
    if not recorded or (known is not None and digest_of_manifest(known) == recorded):
        return None
    return f"{KNOWN}: the list of the pack's files is not the one that was recorded last; a change may be hidden."


def _known(log: AuditLog) -> Manifest | None:
    try:
        found = json.loads((log.folder / KNOWN).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return {str(name): str(digest) for name, digest in found.items()} if isinstance(found, dict) else None


def _keep(log: AuditLog, found: Manifest) -> None:
    path = log.folder / KNOWN
    aside = path.with_name(f".{KNOWN}.aside")
    aside.write_text(json.dumps(found, indent=0, sort_keys=True), encoding="utf-8")
    aside.chmod(0o600)
    aside.replace(path)
