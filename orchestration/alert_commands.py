"""Commands of alerts, and the way back from a figure to its run and deliveries.

What belongs here: arguments and messages. What does not: finding causes, sending, or reading a snapshot.
"""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.console import console, results
from orchestration.errors import AlertError, LandingError
from orchestration.settings import load_settings

if TYPE_CHECKING:
    from orchestration.publishing.provenance import Trace

alerts_app = typer.Typer(no_args_is_help=True, help="Alerts: what is open, and a trial of each channel.")
AsJson = Annotated[bool, typer.Option("--json", help="print JSON instead of text")]


@alerts_app.command("list")
def list_alerts(as_json: AsJson = False) -> None:
    """Show what is wrong now, as it was last looked at, and what could not be sent yet."""
    from orchestration.alerts import open_causes
    from orchestration.alerts.messages import line

    book = open_causes(load_settings())
    if as_json:
        typer.echo(book.model_dump_json(indent=2))
        return
    screen = results()
    for cause in sorted(book.open.values(), key=lambda one: one.since):
        screen.print(f"{cause.since:%Y-%m-%d}  {line(cause)}", highlight=False, markup=False)
        screen.print(f"            {cause.where}. {cause.mend}", highlight=False, markup=False)
    if not book.open:
        screen.print("Nothing is open.")
    for channel, why in book.trouble.items():
        waiting = len(book.waiting.get(channel, ()))
        screen.print(f"{channel}: {why}; {waiting} event(s) wait to be sent", highlight=False, markup=False)


@alerts_app.command("test")
def try_alerts() -> None:
    """Send a trial message to each channel that is set; exit 14 when one fails."""
    from orchestration.alerts import send_trial
    from orchestration.area import load_area

    settings = load_settings()
    found = send_trial(settings, load_area(settings.area_dir, today=settings.today).name)
    for channel, why in found.items():
        console().print(f"{channel}: {why or 'sent'}", highlight=False, markup=False)
    if failed := [channel for channel, why in found.items() if why]:
        raise AlertError(f"Not every channel works: {', '.join(failed)}. docs/how-to/get-alerts.md says what to check.")


def trace(
    snapshot: Annotated[
        str | None, typer.Argument(help="the snapshot that a birth certificate names (default: the current one)")
    ] = None,
    feed: Annotated[str | None, typer.Option(help="only the deliveries of this feed")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the run that made a snapshot, and the deliveries in it with their receipts and the runs that read them."""
    from orchestration.publishing import trace as run

    found = run(load_settings(), snapshot)
    if feed is not None:
        kept = [delivery for delivery in found.deliveries if delivery.feed == feed]
        if not kept:
            known = ", ".join(sorted({delivery.feed for delivery in found.deliveries})) or "none that was noted"
            raise LandingError(f"{found.snapshot_id} holds no delivery of '{feed}': its feeds are {known}.")
        found = found.model_copy(update={"deliveries": kept})
    if as_json:
        typer.echo(json.dumps(found.model_dump(mode="json"), indent=2))
    else:
        _print(found)


def _print(found: "Trace") -> None:
    screen = results()
    screen.print(f"{found.snapshot_id}, published {found.published_at} UTC", highlight=False)
    screen.print(f"Run {found.run_id or 'not noted'}, refresh {found.refresh_id or 'not noted'}", highlight=False)
    if found.run_address:
        screen.print(found.run_address, highlight=False)
    if not found.deliveries:
        screen.print("Its deliveries were not noted.")
        return
    rows = [("Feed", "Period", "Delivery", "Read by run", "Receipt")]
    rows += [
        (one.feed, one.period or "-", one.delivery_id, one.run_id or "not noted", str(one.receipt or "gone"))
        for one in found.deliveries
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        text = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        screen.print(text.rstrip(), highlight=False, markup=False, soft_wrap=True)
