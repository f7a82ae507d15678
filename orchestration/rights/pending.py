"""A note that snapshots still count somebody whose rows are gone or left out: they go with the next one."""

from orchestration.feeds.atomic import write_bytes
from orchestration.rights.marks import rights_folder
from orchestration.settings import Settings

PENDING = "pending"


def is_pending(settings: Settings) -> bool:
    """Whether a snapshot still counts somebody whose rows are gone."""
    return (rights_folder(settings) / PENDING).exists()


def set_pending(settings: Settings) -> None:
    """Note that the snapshots of now count somebody who goes."""
    write_bytes(rights_folder(settings) / PENDING, b"A snapshot still counts somebody whose rows are gone.\n")


def remove_older_snapshots(settings: Settings) -> int:
    """After a snapshot without them is current: remove every other one, which still counts them; return how many."""
    if not is_pending(settings):
        return 0
    link = settings.published / "current"
    current = link.resolve() if link.exists() else None
    older = [path for path in settings.published.glob("*.duckdb") if path.resolve() != current]
    for path in older:
        if not path.is_symlink():
            path.unlink(missing_ok=True)
    (rights_folder(settings) / PENDING).unlink(missing_ok=True)
    return len(older)
