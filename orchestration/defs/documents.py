"""Keeping the documents of governance current: a refresh writes them anew when what they say may have changed."""

import hashlib
import json
from pathlib import Path

from orchestration.area import Area
from orchestration.audit.pack import digest_of_manifest, manifest
from orchestration.documents import write_documents
from orchestration.feeds.atomic import write_bytes
from orchestration.settings import Settings

KNOWN = "documents.json"


def keep_documents(settings: Settings, area: Area) -> bool:
    """Write the documents unless they say what they would say now; return whether they were written."""
    known, folder = settings.state / KNOWN, settings.reports / "documents"
    says = _says(settings, area)
    if known.exists() and folder.exists() and json.loads(known.read_text(encoding="utf-8")) == says:
        return False
    write_documents(settings)
    write_bytes(known, json.dumps(says).encode())
    return True


def _says(settings: Settings, area: Area) -> dict[str, str]:
    current = settings.published / "current"
    return {
        "pack": digest_of_manifest(manifest(settings.area_dir)),
        "day": area.today.isoformat(),
        "snapshot": current.resolve().stem if current.exists() else "",
        "red_team": _digest(settings.reports / "red-team.json"),
        "lineage": _digest(settings.state / "lineage.json"),
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
