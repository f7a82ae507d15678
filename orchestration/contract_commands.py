"""`joinedup contract`: draft, compare, validate feed contracts, and write their schema for editors.

What belongs here: arguments, messages and exit codes. Each command imports what it needs when it runs.
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from orchestration.console import console
from orchestration.errors import AreaPackError, LandingError
from orchestration.settings import load_settings

SCHEMA_NAME = "contract.schema.json"
contract_app = typer.Typer(no_args_is_help=True, help="Feed contracts: draft, compare with a file, validate.")

Feed = Annotated[str, typer.Option(help="the feed's name")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON instead of a table")]


@contract_app.command("new")
def new(
    sample: Annotated[Path, typer.Argument(help="a delivery of the partner, as it would arrive")],
    feed: Feed,
    partner: Annotated[str, typer.Option(help="the sender's id in organizations.csv")],
    agreement: Annotated[str, typer.Option(help="id of the agreement that covers the feed")],
    out: Annotated[Path | None, typer.Option(help="contract to write (default: standard output)")] = None,
) -> None:
    """Draft a contract from a sample file, with remarks, for a person to finish."""
    from orchestration.area import Contract, load_area
    from orchestration.area.reading import read_model
    from orchestration.feeds.atomic import write_bytes
    from orchestration.feeds.draft_text import draft_text
    from orchestration.feeds.drafting import draft_contract

    settings = load_settings()
    area = load_area(settings.area_dir, today=settings.today)
    draft = draft_contract(sample, feed=feed, partner=partner, agreement=agreement, area=area)
    if out is None:
        typer.echo(draft_text(draft), nl=False)
        return
    if out.exists():
        raise AreaPackError(f"{out} exists already: give another name, or remove it first.")
    schema = next((f"{up}{SCHEMA_NAME}" for up in ("", "../") if (out.parent / f"{up}{SCHEMA_NAME}").is_file()), None)
    write_bytes(out, draft_text(draft, schema=schema).encode())
    left = len(read_model(Contract, out).unfinished)
    console().print(
        f"Wrote {out}: {left} place{'s say' if left != 1 else ' says'} FINISH.",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


@contract_app.command("diff")
def diff(
    file: Annotated[Path, typer.Argument(help="a delivered file")],
    feed: Feed,
    as_json: AsJson = False,
) -> None:
    """Compare a file with its contract: columns, types, date formats, codes, dialect. Exit 0: same; 1: drift."""
    from orchestration.area import load_area
    from orchestration.feeds.crosswalks import crosswalk_folders
    from orchestration.feeds.drift import drift_text, find_drift

    settings = load_settings()
    contracts = load_area(settings.area_dir, today=settings.today).contracts
    if feed not in contracts:
        raise LandingError(f"No feed '{feed}': this area has {', '.join(sorted(contracts))}.")
    if not file.is_file():
        raise LandingError(f"There is no file {file}.")
    found = find_drift(file, contracts[feed], folders=crosswalk_folders(settings.area_dir))
    typer.echo(json.dumps(found.as_dict(), indent=1, ensure_ascii=False) if as_json else drift_text(found))
    raise typer.Exit(1 if found.differences else 0)


@contract_app.command("validate")
def validate(
    path: Annotated[Path | None, typer.Argument(help="a contract, or a pack (default: the area's pack)")] = None,
) -> None:
    """Validate one contract with its versions, or the whole pack, and print every error. Exit 0: none; 4: some."""
    from orchestration.feeds.contract_faults import pack_faults

    settings = load_settings()
    if path and not path.exists():
        raise AreaPackError(f"There is no file or folder {path}.")
    only = path if path and path.is_file() else None
    own = path if path and path.is_dir() else path.resolve().parent.parent if path else None
    pack = own if own and (only is None or (own / "area.yaml").is_file()) else settings.area_dir
    faults = pack_faults(pack, today=settings.today, only=only)
    for fault in faults:
        typer.echo(f"{fault.severity}: {fault.text}")
    errors = sum(fault.severity == "error" for fault in faults)
    counts = f"{path or pack}: {errors} error(s), {len(faults) - errors} note(s)."
    console().print(counts, highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(AreaPackError.exit_code if errors else 0)


@contract_app.command("schema")
def schema(
    out: Annotated[Path | None, typer.Option(help="file to write (default: standard output)")] = None,
) -> None:
    """Write the JSON Schema of contracts, by which an editor completes and checks them."""
    from orchestration.area.schema import schema_text
    from orchestration.feeds.atomic import write_bytes
    from orchestration.feeds.canonical import FIELDS
    from orchestration.feeds.checks import registry

    text = schema_text({str(entity): list(fields) for entity, fields in FIELDS.items()}, list(registry()))
    if out is None:
        typer.echo(text, nl=False)
        return
    write_bytes(out, text.encode())
    console().print(f"Wrote {out}.", highlight=False, markup=False, soft_wrap=True)
