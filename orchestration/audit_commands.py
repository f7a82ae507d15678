"""`joinedup audit`: verify the audit log, look something up in it, and write it for other tools."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.console import console, results
from orchestration.errors import ConfigurationError
from orchestration.settings import Settings, load_settings

if TYPE_CHECKING:
    from orchestration.audit.chain import Record

audit_app = typer.Typer(no_args_is_help=True, help="The audit log: verify it, search it, export it.")
Who = Annotated[str, typer.Option(help="part of the account or name")]
Kinds = Annotated[list[str] | None, typer.Option(help="only this kind of record (may be given several times)")]
Since = Annotated[str, typer.Option(help="first day, YYYY-MM-DD")]
Until = Annotated[str, typer.Option(help="last day, YYYY-MM-DD")]
Asked = Annotated[str, typer.Option(help="part of a question to the release gate")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON instead of text")]


@audit_app.command("verify")
def verify_log(
    public_key: Annotated[Path | None, typer.Option(help="a copy of the public key that is kept elsewhere")] = None,
    witnesses: Annotated[
        Path | None, typer.Option(help="records exported earlier and kept elsewhere (JSON lines)")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Find any record that was altered, removed, reordered or inserted. Exit 1 when one was."""
    from orchestration.audit import audit_of
    from orchestration.audit.pack import known_pack_fault
    from orchestration.audit.verifying import verify

    log = audit_of(load_settings())
    with log.held():
        verdict = verify(log.folder, public_key=public_key, witnesses=witnesses)
        if fault := known_pack_fault(log):
            verdict.faults.append(fault)
    if as_json:
        typer.echo(json.dumps({**verdict.__dict__, "is_whole": verdict.is_whole}, indent=2))
    else:
        screen = results()
        for line in verdict.faults:
            screen.print(line, markup=False, highlight=False)
        for line in verdict.notes:
            screen.print(f"Note: {line}", markup=False, highlight=False)
        span = f"{verdict.first_seq} to {verdict.last_seq}"
        told = f"{verdict.records:,} records ({span}), {verdict.checkpoints} checkpoints"
        state = "whole and in order" if verdict.is_whole else f"NOT whole: {len(verdict.faults)} fault(s)"
        screen.print(f"{told}, key {verdict.key or 'none yet'}: {state}.", markup=False, highlight=False)
    raise typer.Exit(0 if verdict.is_whole else 1)


@audit_app.command("search")
def search_log(  # noqa: PLR0917 - typer reads options from parameters
    who: Who = "",
    kind: Kinds = None,
    since: Since = "",
    until: Until = "",
    asked: Asked = "",
    most: Annotated[int, typer.Option(min=1, help="how many, the newest")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what was recorded, by who, kind, day and question. That it was looked up is recorded too."""
    from collections import deque

    settings = load_settings()
    found: deque[Record] = deque(_found(settings, who, kind, since, until, asked), maxlen=most)
    _note(settings, "search", who, kind, since, until, asked, len(found))
    if as_json:
        typer.echo(json.dumps(list(found), indent=2))
        return
    for record in found:
        more = "  ".join(f"{name}={value}" for name, value in sorted(record.items()) if name not in SHOWN)
        line = f"{record['seq']:>7}  {record['at'][:19]}  {record['kind']:<20}  {record['who']}  {more}"
        results().print(line, markup=False, highlight=False)
    if not found:
        results().print("No record fits.")


@audit_app.command("export")
def export_log(  # noqa: PLR0917 - typer reads options from parameters
    out: Annotated[Path, typer.Option(help="the file to write")],
    layout: Annotated[str, typer.Option("--format", help="csv or jsonl")] = "csv",
    who: Who = "",
    kind: Kinds = None,
    since: Since = "",
    until: Until = "",
    asked: Asked = "",
) -> None:
    """Write records to a file: CSV whose cells no spreadsheet runs, or the lines as they stand in the log."""
    from orchestration.audit.exporting import as_csv, as_lines
    from orchestration.errors import HomeError

    if layout not in ("csv", "jsonl"):
        raise ConfigurationError(f"--format is '{layout}': expected csv or jsonl.")
    settings, count = load_settings(), 0

    def counted() -> Iterator["Record"]:
        nonlocal count
        for record in _found(settings, who, kind, since, until, asked):
            count += 1
            yield record

    part = out.with_name(f".{out.name}.aside")
    try:
        part.touch(mode=0o600)
        with part.open("w", encoding="utf-8", newline="") as file:
            file.writelines(as_csv(counted()) if layout == "csv" else as_lines(counted()))
        part.replace(out)
    except OSError as error:
        raise HomeError(f"Cannot write {out} ({error.strerror}): give another file with --out.") from error
    _note(settings, "export", who, kind, since, until, asked, count)
    console().print(f"Wrote {count:,} records to {out}.", highlight=False)


SHOWN = ("seq", "at", "kind", "who", "previous", "digest", "signature")


def _found(  # noqa: PLR0917 - what was asked has as many parts
    settings: Settings, who: str, kind: list[str] | None, since: str, until: str, asked: str
) -> Iterator["Record"]:
    from orchestration.audit import KINDS, audit_of
    from orchestration.audit.reading import search

    if strange := sorted(set(kind or ()) - set(KINDS)):
        raise ConfigurationError(f"There is no kind '{strange[0]}'. There are: {', '.join(sorted(KINDS))}.")
    for name, day in (("--since", since), ("--until", until)):
        if day:
            _check_day(name, day)
    return search(audit_of(settings).folder, who=who, kinds=kind or (), since=since, until=until, asked=asked)


def _check_day(name: str, text: str) -> None:
    try:
        is_day = date.fromisoformat(text).isoformat() == text
    except ValueError:
        is_day = False
    if not is_day:
        raise ConfigurationError(f"{name} is '{text}': expected a day as YYYY-MM-DD.")


def _note(  # noqa: PLR0917 - what was asked has as many parts
    settings: Settings, purpose: str, who: str, kind: list[str] | None, since: str, until: str, asked: str, count: int
) -> None:
    from orchestration.audit import audit_of
    from orchestration.audit.log import account

    words = {"who": who, "kind": ",".join(kind or ()), "since": since, "until": until, "asked": asked}
    told = "; ".join(f"{name}={value}" for name, value in words.items() if value)
    audit_of(settings).record("audit_read", who=account(), purpose=purpose, asked=told, records=count)
