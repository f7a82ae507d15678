"""`joinedup pseudonymise`: the command that runs at a partner, where the names are.

What belongs here: arguments, where the keys come from, and what is said at the end. What does not: doing it
(orchestration.feeds.pseudonymise). Nothing here is imported that a partner's light installation lacks.
"""

from pathlib import Path
from typing import Annotated

import typer

from orchestration.area.contracts import Contract
from orchestration.console import console
from orchestration.errors import ConfigurationError
from orchestration.settings import linkage_key, load_settings

STANDARD_INPUT = "-"

Feed = Annotated[str | None, typer.Option(help="the feed whose contract names the columns, in the area pack")]
ContractFile = Annotated[Path | None, typer.Option(help="the contract itself, where the area pack is not at hand")]
Keep = Annotated[
    list[str] | None, typer.Option(help="without a contract: a column to copy (may be given several times)")
]
KeyFile = Annotated[
    Path | None, typer.Option(help="file that holds the partners' key, - for standard input (default: the environment)")
]
PreviousKeyFile = Annotated[
    Path | None, typer.Option(help="the key before it, while two keys overlap: tokens of both are written")
]
Columns = Annotated[
    list[str] | None, typer.Option("--column", help="identifier=header where the header is unusual (several times)")
]
BirthFormats = Annotated[
    list[str] | None, typer.Option("--birth-format", help="how dates of birth are written, such as %d/%m/%Y")
]
Pivot = Annotated[
    int | None, typer.Option(min=1800, max=2100, help="first of the hundred years that a year of two digits can mean")
]
Lookup = Annotated[Path | None, typer.Option("--lsoa-lookup", help="CSV of postcodes and LSOA codes that you hold")]


def pseudonymise(  # noqa: PLR0917 - typer reads options from parameters
    file: Annotated[Path, typer.Argument(help="the clear-text file, which never leaves the partner")],
    out: Annotated[Path, typer.Option(help="the pseudonymised delivery to write")],
    feed: Feed = None,
    contract: ContractFile = None,
    key_file: KeyFile = None,
    previous_key_file: PreviousKeyFile = None,
    column: Columns = None,
    keep: Keep = None,
    birth_format: BirthFormats = None,
    pivot: Pivot = None,
    lsoa_lookup: Lookup = None,
) -> None:
    """Turn identifiers into keyed tokens, at the partner, before anything is sent."""
    from orchestration.feeds.pseudonymise import BIRTH_FORMATS, pseudonymise_file

    if STANDARD_INPUT == str(key_file) == str(previous_key_file):
        raise ConfigurationError("Only one of two keys can come from standard input: give the other in a file.")
    agreed, items = _agreed(feed, contract, keep)
    manifest = pseudonymise_file(
        file,
        contract=agreed,
        items=items,
        key=_key(key_file),
        previous_key=_previous_key(previous_key_file),
        out=out,
        columns=_pairs(column or []),
        keep=keep or (),
        birth_formats=birth_format or BIRTH_FORMATS,
        pivot=pivot,
        postcode_lookup=lsoa_lookup,
    )
    keys = " and ".join(filter(None, (manifest.key_id, manifest.previous_key_id)))
    say = [
        f"Wrote {out}: {manifest.rows:,} rows, {len(manifest.columns)} columns, key {keys}. "
        f"{manifest.left_out} columns of the source were left out; the manifest beside it has the counts."
    ]
    if manifest.birth_format:
        say.append(f"Dates of birth were read as {manifest.birth_format}.")
    say += [
        f"{name}: {sum(why.values()):,} values were not used ({', '.join(f'{r} {n:,}' for r, n in why.items())})."
        for name, why in manifest.blanked.items()
    ]
    if manifest.unlinkable:
        say.append(f"{manifest.unlinkable:,} rows have no token of a person: they are kept, and cannot be linked.")
    if manifest.not_made:
        hint = " An LSOA needs --lsoa-lookup." if not lsoa_lookup else ""
        say.append(f"The contract has columns that could not be made: {', '.join(manifest.not_made)}.{hint}")
    console().print("\n".join(say), highlight=False, markup=False, soft_wrap=True)


def _key(path: Path | None) -> bytes:
    from orchestration.feeds.keys import key_from, read_key

    if path is not None:
        return read_key(path)
    held = linkage_key()
    if held is None:
        raise ConfigurationError(
            "The linkage key is missing: give --key-file FILE, --key-file - to read it from standard input, or set "
            "JOINEDUP_LINKAGE_KEY. Ask the partners' key custodian for it."
        )
    return key_from(held)


def _previous_key(path: Path | None) -> bytes | None:
    from orchestration.feeds.keys import key_from, read_key

    held = linkage_key(is_previous=True)
    return read_key(path) if path is not None else key_from(held) if held else None


def _agreed(
    feed: str | None, path: Path | None, keep: list[str] | None
) -> tuple[Contract | None, frozenset[str] | None]:
    """Return the contract of a feed of the area pack, or of a file; none when columns are named instead.

    With it the items that the agreement covers, where that is at hand.
    """
    from orchestration.area import load_area
    from orchestration.area.versions import read_contract_file

    if [feed is not None, path is not None, keep is not None].count(True) != 1:
        raise ConfigurationError(
            "Say what goes out in one way: --feed, a feed of the area pack; --contract, its file; or --keep, the "
            "columns to copy beside the tokens."
        )
    if path is not None:
        return read_contract_file(path), None
    if feed is None:
        return None, None
    settings = load_settings()
    area = load_area(settings.area_dir, today=settings.today)
    found = area.contracts.get(feed)
    if found is None:
        raise ConfigurationError(f"No feed '{feed}': this area has {', '.join(sorted(area.contracts))}.")
    agreement = area.agreements.get(found.agreement)
    permission = agreement.feeds.get(feed) if agreement else None
    return found, frozenset(permission.items) if permission else None


def _pairs(given: list[str]) -> dict[str, str]:
    found = {}
    for pair in given:
        name, equals, header = pair.partition("=")
        if not equals or not header:
            raise ConfigurationError(f"--column {pair}: expected identifier=header, such as forename=Initials.")
        found[name.strip()] = header
    return found
