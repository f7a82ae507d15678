"""Commands of deliveries over time: quarantined rows, and the state of an earlier day.

What belongs here: arguments and messages. What does not: finding, exporting or rebuilding anything.
"""

import json
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.console import console
from orchestration.errors import LandingError
from orchestration.settings import load_settings

if TYPE_CHECKING:
    from orchestration.feeds.quarantine import Quarantined

PRIVATE = (
    "This file holds rows about people, under pseudonyms at best. It is for the area's data engineer alone: keep it "
    "where only you can read it, send it to nobody, and delete it when the rows are mended."
)
SHOWN_DIGITS = 8
"""Of a delivery's id, which `export` takes by its beginning; the JSON has the whole."""
quarantine_app = typer.Typer(no_args_is_help=True, help="Rows that were refused: what waits, and an export to mend it.")


@quarantine_app.command("list")
def list_rows(
    feed: Annotated[str | None, typer.Option(help="only this feed")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON instead of a table")] = False,
) -> None:
    """Show how many rows wait in quarantine, of which deliveries, by which checks, and until when they are kept."""
    from orchestration.area import load_area
    from orchestration.feeds.quarantine import list_quarantine
    from orchestration.feeds.store import Store

    settings = load_settings()
    area = load_area(settings.area_dir, today=settings.today)
    _known(feed, area.contracts)
    feeds = [feed] if feed else sorted(area.contracts)
    found = [
        entry
        for name in feeds
        for entry in list_quarantine(Store(settings), area.contracts[name], area.profile.retention)
    ]
    if as_json:
        entries = [entry.model_dump(mode="json") | {"waiting": entry.waiting} for entry in found]
        typer.echo(json.dumps(entries, indent=2))
    else:
        _print(found)


@quarantine_app.command("export")
def export_rows(
    feed: Annotated[str, typer.Option(help="the feed")],
    delivery: Annotated[str, typer.Option(help="the delivery's id, or how it begins")],
    out: Annotated[Path, typer.Option(help="CSV file to write; never overwritten")],
    with_references: Annotated[
        bool, typer.Option("--with-references", help="add the pseudonymous references of the records")
    ] = False,
) -> None:
    """Write the quarantined rows of one delivery for the area's data engineer, readable by its owner alone."""
    from orchestration.area import load_area
    from orchestration.feeds.quarantine import export_quarantine
    from orchestration.feeds.store import Store

    settings = load_settings()
    area = load_area(settings.area_dir, today=settings.today)
    _known(feed, area.contracts)
    rows = export_quarantine(Store(settings), area.contracts[feed], delivery, out, references=with_references)
    console().print(f"Wrote {rows} row(s) to {out}.", highlight=False, markup=False)
    console().print(f"[bold yellow]{PRIVATE}[/]", highlight=False)


def rebuild(
    as_known_on: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="the day at whose end the state was known")
    ],
    out: Annotated[Path, typer.Option(help="new or empty folder to write to")],
) -> None:
    """Write the rows in force as they were known on an earlier day, beside the running data."""
    from orchestration.area import load_area
    from orchestration.governance.rebuild import rebuild as run

    settings = load_settings()
    area = load_area(settings.area_dir, today=settings.today)
    rows = run(settings, area, day=as_known_on.date(), out=out)
    told = ", ".join(f"{count:,} of {entity}" for entity, count in rows.items())
    console().print(f"Wrote {out}: {told}.", highlight=False, markup=False)
    console().print(f"[bold yellow]{PRIVATE.replace('This file holds', 'This folder holds')}[/]", highlight=False)


def _known(feed: str | None, contracts: Collection[str]) -> None:
    names = sorted(contracts)
    if feed is not None and feed not in names:
        raise LandingError(f"No feed '{feed}': this area has {', '.join(names)}.")


def _print(found: "list[Quarantined]") -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    if not found:
        typer.echo("No row is in quarantine.")
        return
    table = Table(box=SIMPLE, pad_edge=False)
    for heading in ("Feed", "Delivery", "Period", "Rows", "Waiting", "Kept until", "Checks"):
        table.add_column(heading, no_wrap=heading != "Checks")
    for entry in found:
        checks = ", ".join(f"{name} {count}" for name, count in entry.checks.items())
        table.add_row(
            entry.feed,
            entry.delivery_id[:SHOWN_DIGITS],
            entry.period or str(entry.delivered_on),
            str(entry.rows),
            str(entry.waiting),
            str(entry.kept_until),
            checks,
        )
    Console().print(table)
