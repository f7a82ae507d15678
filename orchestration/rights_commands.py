"""`joinedup forget`, `joinedup objections` and `joinedup retention`: the rights of the people in the data."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.console import results, shown_progress
from orchestration.errors import ConfigurationError, HomeError
from orchestration.settings import Settings, load_settings

if TYPE_CHECKING:
    from orchestration.area import Area

objections_app = typer.Typer(no_args_is_help=True, help="Objections: people whom the combined view leaves out.")
Tokens = Annotated[str, typer.Option("--tokens", help="file with one token a line, or - for standard input")]
Purpose = Annotated[str, typer.Option("--purpose", help="purpose that is objected to, as agreements name it")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON instead of text")]


def forget(
    tokens: Tokens,
    feed: Annotated[str | None, typer.Option(help="only this partner's records; its references count as well")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask whether to go on")] = False,
    later: Annotated[bool, typer.Option("--later", help="leave publishing to the next refresh")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove somebody from every store by token, publish without them, and write a certificate.

    Tokens are read from a file or standard input, never from the command line, where other programs could see them.
    """
    from orchestration.area import load_area
    from orchestration.defs.due import turn
    from orchestration.rights.certificates import certificate_path
    from orchestration.rights.forgetting import forget as run
    from orchestration.rights.forgetting import read_tokens
    from orchestration.state.backups import backups_made

    settings = load_settings()
    area = load_area(settings.area_dir, today=settings.today)
    if feed is not None and feed not in area.contracts:
        raise ConfigurationError(f"There is no feed '{feed}': choose one of {', '.join(sorted(area.contracts))}.")
    given = read_tokens(_text_of(tokens))
    if not yes and not typer.confirm("Their rows go from every store and cannot be brought back. Go on?", err=True):
        raise typer.Exit(1)
    with shown_progress("Forgetting"):
        certificate = run(
            settings,
            given,
            today=area.today,
            feed=feed,
            refresh=None if later else lambda: _refresh(settings),
            backups_until=[one.keep_until for one in backups_made(settings)],
            alone=lambda: turn(settings),
        )
    told = certificate.to_dict()
    if as_json:
        typer.echo(json.dumps(told, indent=2))
        return
    screen = results()
    rows = sum(certificate.removed.rows.values())
    if not certificate.records and not rows:
        screen.print("No record here has these tokens.", highlight=False)
    screen.print(
        f"{certificate.records} records at {certificate.feeds} feeds: {rows:,} rows went; "
        f"{certificate.searched.files:,} files were searched, and nothing is found.",
        highlight=False,
    )
    if certificate.backups:
        screen.print(
            f"{certificate.backups} backups still hold them, until {certificate.backups_until:%d %B %Y} at the latest. "
            "Keep state/rights/ with your secrets: a restore takes it over.",
            highlight=False,
        )
    if not certificate.is_published_without:
        screen.print("The published snapshot still counts them: run `joinedup refresh`.", highlight=False)
    path = certificate_path(settings, certificate.request)
    screen.print(f"Certificate: {path}, and in words for the person beside it (.txt).", highlight=False, soft_wrap=True)


@objections_app.command("add")
def add(tokens: Tokens, purpose: Purpose) -> None:
    """Note that people object to a purpose; from the next refresh on no figure counts them."""
    from orchestration.defs.due import turn
    from orchestration.rights.objecting import object_to

    settings, area, given = _given(tokens, purpose)
    with turn(settings):
        new = object_to(settings, given, purpose=purpose, today=area.today)
    results().print(f"{new} new. They hold from the next refresh on: `joinedup refresh`.", highlight=False)


@objections_app.command("import")
def import_list(
    file: Annotated[str, typer.Option("--file", help="CSV file with the columns token and purpose, or -")],
) -> None:
    """Add the objections of a list, such as an opt-out list; who is on it already changes nothing."""
    from orchestration.defs.due import turn
    from orchestration.rights.objecting import import_objections
    from orchestration.rights.opt_out_list import read_opt_outs

    settings, area = _settings_and_area()
    listed = read_opt_outs(_text_of(file), purposes=_purposes(area))
    with turn(settings):
        new = import_objections(settings, listed, today=area.today)
    told = f"{sum(map(len, listed.values()))} on the list, {new} new."
    results().print(f"{told} They hold from the next refresh on: `joinedup refresh`.", highlight=False)


@objections_app.command("remove")
def remove(tokens: Tokens, purpose: Purpose) -> None:
    """Take objections back; from the next refresh on people are counted again."""
    from orchestration.defs.due import turn
    from orchestration.rights.objecting import withdraw_objection

    settings, _, given = _given(tokens, purpose)
    with turn(settings):
        gone = withdraw_objection(settings, given, purpose=purpose)
    results().print(f"{gone} taken back. It holds from the next refresh on: `joinedup refresh`.", highlight=False)


@objections_app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """Show how many objections stand, by purpose. Nobody can be read from the list."""
    from orchestration.rights.objecting import objections_by_purpose

    counted = objections_by_purpose(load_settings())
    if as_json:
        typer.echo(json.dumps(counted))
    for purpose, count in counted.items() if not as_json else ():
        results().print(f"{purpose}: {count}", highlight=False)
    if not counted and not as_json:
        results().print("Nobody objects.", highlight=False)


def retention(
    check: Annotated[bool, typer.Option("--check", help="remove nothing; exit 1 where something is overdue")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove what agreements do not let be kept any longer, and prove it by a search. Every refresh does so too."""
    from orchestration.area import load_area
    from orchestration.defs.due import turn
    from orchestration.rights.overdue import overdue
    from orchestration.rights.pending import is_pending
    from orchestration.rights.periods import kept_by_feed
    from orchestration.rights.retaining import retain
    from orchestration.state.backups import remove_expired_backups

    settings = load_settings()
    area = load_area(settings.area_dir, today=settings.today)
    if not check:
        with turn(settings):
            retain(settings, area)
        remove_expired_backups(settings, on=area.today)
    found = overdue(settings, area)
    if is_pending(settings):
        results().print("What was made from removed rows goes when `joinedup refresh` publishes.", highlight=False)
        found = {feed: left for feed, stores in found.items() if (left := _without_made(stores))}
    if as_json:
        kept = {one.feed: {"agreement": one.agreement, "since": one.since.isoformat()} for one in kept_by_feed(area)}
        typer.echo(json.dumps({"kept": kept, "overdue": found}, indent=2))
    else:
        for one in kept_by_feed(area):
            late = ", ".join(f"{count:,} rows overdue in {store}" for store, count in found.get(one.feed, {}).items())
            told = f"{one.feed}: {one.months} months ({one.agreement}), nothing before {one.since:%d %B %Y}"
            results().print(f"{told}. {late or 'Nothing older was found'}.", highlight=False, soft_wrap=True)
    raise typer.Exit(1 if found else 0)


def _without_made(stores: dict[str, int]) -> dict[str, int]:
    """Return the stores that no refresh makes anew."""
    return {store: count for store, count in stores.items() if store in ("accepted rows", "delivered files")}


def _given(tokens: str, purpose: str) -> "tuple[Settings, Area, list[str]]":
    from orchestration.rights.forgetting import read_tokens

    settings, area = _settings_and_area()
    known = _purposes(area)
    if purpose not in known:
        raise ConfigurationError(f"No agreement names the purpose '{purpose}': choose one of {', '.join(known)}.")
    return settings, area, read_tokens(_text_of(tokens))


def _settings_and_area() -> "tuple[Settings, Area]":
    from orchestration.area import load_area

    settings = load_settings()
    return settings, load_area(settings.area_dir, today=settings.today)


def _purposes(area: "Area") -> list[str]:
    return sorted({name for agreement in area.agreements.values() for name in agreement.purposes})


def _refresh(settings: Settings) -> int:
    from orchestration.defs.refresh import refresh

    return len(refresh(settings).failures)


def _text_of(tokens: str) -> str:
    if tokens == "-":
        return sys.stdin.read()
    try:
        return Path(tokens).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise HomeError(
            f"The file of tokens cannot be read ({type(error).__name__}): give a text file, or -."
        ) from None
