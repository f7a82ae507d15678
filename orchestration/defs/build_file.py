"""Whether the warehouse's build file may be carried on from, or is begun anew.

Incremental models tell changed rows by themselves (dbt_project/macros/changed_months.sql). What rows do not tell is
settled here: other models or rules, another agreement, links that are gone, a build that did not end, a file that
cannot be read. Beginning anew removes the file, so that nothing of what was removed is left in its free space.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import duckdb
import polars as pl

from orchestration import progress
from orchestration.area import Area
from orchestration.defs.dbt_offline import dbt_variables, project_digest
from orchestration.feeds.atomic import write_bytes
from orchestration.governance.permits import decide
from orchestration.settings import Settings

ENGINES = ("duckdb", "dbt-duckdb")
LINK = ["feed", "source_ref", "person_key"]


@contextmanager
def whole_build(settings: Settings, area: Area) -> Iterator[None]:
    """Make every model within: from the build file where that holds, else from nothing.

    What was begun is noted before and what has ended after: a process that is killed, or a build that fails, has the
    next one begin anew.
    """
    basis = _basis(area)
    reason = _reason_to_begin_anew(settings, basis)
    if reason is not None:
        progress.report(f"Building every table anew: {reason}")
        begin_anew(settings)
    _note(settings, basis, ended=False)
    if _links(settings).exists():
        aside = _links_made_from(settings).with_suffix(".aside")
        shutil.copyfile(_links(settings), aside)
        aside.replace(_links_made_from(settings))
    yield
    _note(settings, basis, ended=True)


def begin_anew(settings: Settings) -> None:
    """Remove the build file and what was noted of it; readers that have it open keep what they see."""
    for path in (
        _file(settings),
        _file(settings).with_suffix(".duckdb.wal"),
        _noted(settings),
        _links_made_from(settings),
    ):
        path.unlink(missing_ok=True)


def _reason_to_begin_anew(settings: Settings, basis: dict[str, str]) -> str | None:
    if not _file(settings).exists():
        return "there is no build file"
    noted = _read_note(settings)
    if not noted.get("ended"):
        return "the last build did not end"
    changed = [what for what, digest in basis.items() if noted.get(what) != digest]
    if changed:
        return f"changed {' and '.join(changed)}"
    if not _is_readable(_file(settings)):
        return "the build file cannot be read"
    return "records are no longer linked as they were" if _links_are_gone(settings) else None


def _basis(area: Area) -> dict[str, str]:
    """Return digests of what all rows rest on. Not of today, which only models ask for that are made whole."""
    rules = json.loads(dbt_variables(area))
    del rules["today"]
    agreed = hashlib.sha256()
    for key, agreement in sorted(area.agreements.items()):
        agreed.update(f"{key}|{agreement.model_dump_json()}\n".encode())
    for feed in sorted(area.contracts):
        decision = decide(area, feed)
        agreed.update(f"{feed}|{decision.allowed}|{decision.may_keep}\n".encode())
    return {
        "models": project_digest(),
        "engine": " ".join(version(name) for name in ENGINES),
        "rules": hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest(),
        "agreements": agreed.hexdigest(),
    }


def _links_are_gone(settings: Settings) -> bool:
    """Tell whether a record that was linked is now another person's, or nobody's; new records alone change nothing."""
    before, now = _links_made_from(settings), _links(settings)
    if not before.exists() or not now.exists():
        return True
    lost = pl.scan_parquet(before).join(pl.scan_parquet(now), on=LINK, how="anti").select(pl.len())
    return bool(lost.collect().item())


def _is_readable(path: Path) -> bool:
    """Tell whether DuckDB can open the file; one that is locked is whole, and who asks next is told of the lock."""
    try:
        with duckdb.connect(path, read_only=True) as connection:
            connection.execute("select count(*) from information_schema.tables")
    except duckdb.Error as error:
        return "lock" in str(error)
    return True


def _note(settings: Settings, basis: dict[str, str], *, ended: bool) -> None:
    write_bytes(_noted(settings), json.dumps({**basis, "ended": ended}).encode())


def _read_note(settings: Settings) -> dict[str, object]:
    """Return what was noted; nothing where there is no note, or one that cannot be read."""
    try:
        noted = json.loads(_noted(settings).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _file(settings: Settings) -> Path:
    return settings.warehouse / "build.duckdb"


def _noted(settings: Settings) -> Path:
    return settings.warehouse / "build.json"


def _links(settings: Settings) -> Path:
    return settings.linkage / "person_links.parquet"


def _links_made_from(settings: Settings) -> Path:
    return settings.warehouse / "person_links.parquet"
