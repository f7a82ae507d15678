"""What a pseudonymised file holds: which columns are made, which are copied, and how the text is laid out.

What belongs here: the plan, from a contract or from columns that a person names, and its text. What does not: making
the columns (`pseudonymise`). The file is laid out as its contract declares, since the area reads it by that.
"""

import io
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from orchestration.area.contracts import Contract
from orchestration.area.layouts import DeliveryFile
from orchestration.errors import LandingError
from orchestration.feeds.canonical import FIELDS, TOKEN_FIELDS
from orchestration.feeds.mapping import agreed_fields
from orchestration.feeds.sources import expected_columns
from orchestration.feeds.tokens import SEPARATOR
from orchestration.feeds.unpivot import wide_headers
from orchestration.feeds.values import ISO

TOKENS = (*TOKEN_FIELDS, "household_token")
ORDER = "le" if sys.byteorder == "little" else "be"
PREVIOUS = "_previous"
"""Ends the header of a token that was made with the previous key, while two keys overlap."""
MONTH = "%Y-%m"
FILLER = "pseudonymised"
UNMARKED = {"utf8sig": "utf-8", "utf16": f"utf-16-{ORDER}", "utf32": f"utf-32-{ORDER}"}
"""Encodings that begin with a byte order mark, which only the first portion has, and how the rest goes on."""


class PseudonymiseError(LandingError):
    """The file cannot be made into what the contract asks for, or what was made still names people."""


@dataclass(frozen=True)
class Plan:
    """The file to make. `made`: canonical field to header; `month_form`: how the month of birth is written.

    wanted: headers in their order, made and copied. dates: header of a copied date to the format that the area reads it
    by. wide: a pattern of further headers that are copied.
    """

    feed: str
    role: str
    version: str
    file: DeliveryFile
    wanted: tuple[str, ...]
    made: Mapping[str, str]
    month_form: str = MONTH
    wide: re.Pattern[str] | None = None
    dates: Mapping[str, str] = field(default_factory=dict)
    is_sex_standardised: bool = False


def plan_of_contract(contract: Contract, items: frozenset[str] | None = None) -> Plan:
    """Return the plan of the contract's file that carries tokens; the version is the caller's choice.

    `items` are the data items that the agreement covers, without which nothing is left out for want of agreement.
    """
    fields = {
        entity: mapping.columns if items is None else agreed_fields(contract, entity, items)
        for entity, mapping in contract.entities.items()
    }
    person = fields.get("person", {})
    roles = {column.file for name, column in person.items() if name in TOKENS}
    if len(roles) != 1:
        raise PseudonymiseError(
            f"feed {contract.feed}: the contract asks for tokens in {len(roles)} files; exactly one is needed to know "
            "which file to make."
        )
    role = roles.pop()
    mine = {name: column for name, column in person.items() if column.file == role and column.source}
    made = {name: column.source for name, column in mine.items() if name in (*TOKENS, "birth_month", "lsoa_code")}
    month = person.get("birth_month")
    return Plan(
        feed=contract.feed,
        role=role,
        version=contract.version,
        file=contract.files[role],
        wanted=tuple(expected_columns(contract, fields)[role]),
        made={name: header for name, header in made.items() if header},
        month_form=month.formats[0] if month and month.formats else MONTH,
        wide=wide_headers(contract, fields).get(role),
        dates=_dates(contract, role),
    )


def plan_of_columns(keep: Sequence[str]) -> Plan:
    """Return the plan of a file without a contract: what is kept, then every token, month of birth and small area."""
    made = {name: name for name in (*TOKENS, "birth_month", "lsoa_code", "sex")}
    if clash := sorted(set(made) & set(keep)):
        raise PseudonymiseError(f"{', '.join(clash)}: a made column has this name; keep another, or rename it.")
    wanted = (*keep, *made)
    layout = DeliveryFile(pattern=".*")
    return Plan("", "main", "", layout, wanted, made, is_sex_standardised=True)


def _dates(contract: Contract, role: str) -> dict[str, str]:
    """Return the format of each copied column of dates in which the area would not read an ISO date."""
    found = {}
    for entity, mapping in contract.entities.items():
        for name, column in mapping.columns.items():
            is_untyped_date = column.type == "string" and isinstance(FIELDS[entity].get(name), pl.Date)
            plain = [form for form in column.formats if not form.startswith("excel")]
            if (
                (column.type == "date" or is_untyped_date)
                and column.file == role
                and column.source
                and plain
                and ISO not in column.formats
            ):
                found[column.source] = plain[0]
    return found


def text_of(frame: pl.DataFrame, file: DeliveryFile, *, opens: bool) -> bytes:
    """Return rows as the contract lays text out; with the header when this is the beginning of the file."""
    if file.format == "jsonl":
        return frame.write_ndjson().encode()
    delimiter = file.delimiter or ","
    one = delimiter if len(delimiter) == 1 else SEPARATOR
    quote = '"' if file.quote is None else file.quote
    buffer = io.BytesIO()
    frame.write_csv(
        buffer,
        separator=one,
        quote_char=quote or '"',
        quote_style="necessary" if quote else "never",
        include_header=False,
        line_terminator="\n",
    )
    text = buffer.getvalue().decode()
    if opens and not (file.header and file.header_row is None):
        text = _header(frame.columns, file, one, quote) + text
    encoding = file.encoding or "utf-8"
    text = text if one == delimiter else text.replace(one, delimiter)
    if not opens:
        encoding = UNMARKED.get(encoding.lower().replace("-", "").replace("_", ""), encoding)
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        raise PseudonymiseError(
            f"An agreed column holds letters that the contract's encoding {encoding} does not have. Leave it out, or "
            "ask the area to change the encoding."
        ) from None


def _header(names: Sequence[str], file: DeliveryFile, delimiter: str, quote: str) -> str:
    """Return the header where the contract says it is: on that row, in as many rows."""
    depth = file.header_rows or 1
    parts = [[*name.split(" ", depth - 1), *[""] * depth][:depth] for name in names]
    rows = [[FILLER, *[""] * (len(names) - 1)]] * ((file.header_row or 1) - 1)
    rows += [list(row) for row in zip(*parts, strict=True)]
    return "".join(delimiter.join(_quoted(cell, delimiter, quote) for cell in row) + "\n" for row in rows)


def _quoted(cell: str, delimiter: str, quote: str) -> str:
    needs = quote and any(mark in cell for mark in (delimiter, quote, "\n", "\r"))
    return f"{quote}{cell.replace(quote, quote * 2)}{quote}" if needs else cell
