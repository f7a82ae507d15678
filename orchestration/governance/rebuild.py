"""The rows in force as they were known on an earlier day, written beside the running data and never into it.

What is agreed today has the last word: an agreement that has ended or lost an item is not got round by going back.
"""

from datetime import date
from pathlib import Path

from orchestration.area import Area
from orchestration.errors import HomeError
from orchestration.feeds.atomic import write_parquet
from orchestration.feeds.canonical import FIELDS
from orchestration.feeds.known import known_on
from orchestration.feeds.standing import rows_standing
from orchestration.feeds.store import Store
from orchestration.governance.in_force import permitted
from orchestration.governance.permits import decide
from orchestration.settings import Settings


def rebuild(settings: Settings, area: Area, *, day: date, out: Path) -> dict[str, int]:
    """Write out/<entity>/<feed>.parquet as accepted/in_force was when a day had ended; return rows by entity.

    The folder is made for its owner alone and must be new or empty. Raises HomeError when it is not, when nothing had
    been read by then, or when rows that stood on that day have been removed by retention.
    """
    if day > area.today:
        raise HomeError(f"{day:%d %B %Y} is not over yet: today is {area.today:%d %B %Y}.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise HomeError(f"{out} is not an empty folder: name one that is, or one that does not exist.")
    store = Store(settings)
    _need_something_read(store, area, day)
    rows = dict.fromkeys(FIELDS, 0)
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        out.chmod(0o700)
    except OSError as error:
        raise HomeError(f"Cannot make {out} ({error.strerror}): choose a folder that you can write.") from error
    for feed, contract in sorted(area.contracts.items()):
        decision = decide(area, feed)
        if not decision.may_keep:
            continue
        known = known_on(store, contract, day)
        if not known.receipts:
            continue
        for entity, frame in rows_standing(store, contract, known.receipts, known.mode).items():
            kept = permitted(frame.collect(), entity, contract, decision)
            write_parquet(out / entity / f"{feed}.parquet", kept)
            rows[entity] += kept.height
    return {str(entity): count for entity, count in rows.items()}


def _need_something_read(store: Store, area: Area, day: date) -> None:
    days = [receipt.received_on for feed in area.contracts for receipt in store.receipts(feed)]
    if not days:
        raise HomeError("Nothing has been read yet: run `joinedup refresh` first.")
    if min(days) > day:
        raise HomeError(
            f"Nothing had been read by {day:%d %B %Y}: the first delivery was read on {min(days):%d %B %Y}."
        )
