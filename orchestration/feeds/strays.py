"""Files in the landing folder that no contract asks for: a misspelt name is told, never silently left.

What belongs here: naming them. What does not: reading them, or those that are still being copied.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from orchestration.area import Contract

UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".partial")
COMPANIONS = ("manifest.json", ".sha256", ".md5")


def find_strays(landing: Path, contracts: Iterable[Contract]) -> list[str]:
    """Return paths below the landing folder whose name fits no file pattern of any feed that uses their folder."""
    patterns: dict[str, list[re.Pattern[str]]] = {}
    for contract in contracts:
        patterns.setdefault(contract.folder, []).extend(re.compile(file.pattern) for file in contract.files.values())
    found = []
    for path in sorted(landing.rglob("*")):
        name = path.name
        if not _is_file(path) or name.startswith(".") or name.lower().endswith((*UNFINISHED, *COMPANIONS)):
            continue
        known = patterns.get(path.relative_to(landing).parts[0], [])
        if not any(pattern.fullmatch(name) for pattern in known):
            found.append(str(path.relative_to(landing)))
    return found


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # what may not be looked at is told where its feed is read
        return False
