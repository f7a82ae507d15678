"""`joinedup backup` and `joinedup restore`: everything of an installation in one file, and back."""

from pathlib import Path
from typing import Annotated

import typer

from orchestration.console import console
from orchestration.settings import load_settings

Overwrite = Annotated[bool, typer.Option("--overwrite", help="replace what is there")]


def backup(
    file: Annotated[Path, typer.Argument(help="the backup to write, outside the home")],
    *,
    overwrite: Overwrite = False,
    keep_days: Annotated[int, typer.Option(min=1, max=3660, help="days that it is kept, for the register")] = 35,
) -> None:
    """Back up everything of the home and the state store, but secrets, into one checked file."""
    from orchestration.backup import make_backup

    made = make_backup(load_settings(), file, is_replacing=overwrite, keep_days=keep_days)
    kind = "encrypted" if made.backup.is_sealed else "NOT encrypted (set JOINEDUP_SNAPSHOT_KEY_FILE)"
    _say(f"Wrote {made.backup.path}: {made.files:,} files, {made.backup.size_bytes:,} bytes, {kind}.")
    _say(f"SHA-256 {made.backup.sha256}. To be kept until {made.backup.keep_until.isoformat()}, then deleted.")
    _say(f"Secrets are not in it; keep them in your vault: {', '.join(made.left_out) or 'none lie in the home'}.")


def restore(
    file: Annotated[Path, typer.Argument(help="a file that `joinedup backup` wrote")], *, overwrite: Overwrite = False
) -> None:
    """Put a backup back into an empty home. Stop the dashboards and Dagster first."""
    from orchestration.backup import restore_backup

    settings = load_settings()
    found = restore_backup(settings, file, is_replacing=overwrite)
    _say(f"Restored {found.manifest.backup_id}: {len(found.manifest.files):,} files, each checked, in {settings.home}.")
    if found.before:
        _say(f"What was there before is in {found.before}: delete it when you no longer need it; it goes in 35 days.")
    if not found.is_former_state_read:
        _say(
            "Notes that were withdrawn since this backup may be back, and the register of backups may lack the newest: "
            "the state before, or state/rights.key, could not be read. Look at `joinedup voices list`."
        )
    if found.missing_secrets:
        _say(f"Before anything is served, put back from your vault: {', '.join(found.missing_secrets)}.")
    if found.pack_changes:
        _say(f"The area pack is not the one of then; it differs in: {', '.join(found.pack_changes[:10])}.")


def _say(text: str) -> None:
    console().print(text, markup=False, highlight=False, soft_wrap=True)
