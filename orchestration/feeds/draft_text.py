"""A drafted contract as YAML with remarks, in the order in which a person reads a contract.

What belongs here: writing. What does not: what the draft proposes (drafting).
"""

import textwrap
from collections.abc import Iterator, Mapping

import yaml

from orchestration.area.contracts import UNFINISHED
from orchestration.feeds.drafting import Draft, DraftedColumn

WIDTH = 120
MANY = 6
"""More settings than this, or any codes, are written one a line."""


def draft_text(draft: Draft, *, schema: str | None = None) -> str:
    """Return the draft as a contract file. `schema` is where an editor finds the JSON Schema, seen from the file."""
    return "\n".join(_lines(draft, schema)) + "\n"


def _lines(draft: Draft, schema: str | None) -> Iterator[str]:
    if schema:
        yield f"# yaml-language-server: $schema={schema}"
    read_as = ", ".join(f"{name.replace('_', ' ')} {_scalar(value)}" for name, value in draft.detected.items())
    size = f"{draft.rows} rows, {draft.width} columns"
    yield f"# Drafted by `joinedup contract new` from {_scalar(draft.sample)}: {size}."
    yield f"# Read as: {read_as}. What is not declared below is detected for every file."
    yield f"# Decide what says {UNFINISHED}, look at what says LIKELY, then run `joinedup contract validate` on this."
    yield f"# While anything says {UNFINISHED}, nothing is read by this contract."
    yield f"feed: {draft.feed}"
    yield f"title: {_scalar(draft.feed.replace('_', ' ').capitalize())}  # LIKELY: what people call the feed"
    yield f"partner: {_scalar(draft.partner)}"
    yield from _remark(f"The agreement has to list under feeds.{draft.feed}.items: {', '.join(draft.items)}", 0)
    yield f"agreement: {_scalar(draft.agreement)}"
    yield "one_person_per_reference: true  # LIKELY: false if one person may have two references"
    yield "files:"
    yield "  main:"
    yield from (f"    {name}: {_scalar(value)}" for name, value in draft.layout.items())
    yield from _unused(draft)
    yield "delivery:"
    yield f"  mode: {draft.mode}  # LIKELY: snapshot replaces the feed, period its period; append and changes add"
    yield f"  cadence: {draft.cadence}"
    yield "  late_after_days: 14"
    yield "entities:"
    for entity, fields in draft.columns.items():
        yield f"  {entity}:"
        yield "    columns:"
        for name, column in fields.items():
            yield from _column(name, column)


def _unused(draft: Draft) -> Iterator[str]:
    for header, what in draft.identifiers:
        yield f"    # DIRECT IDENTIFIERS: column {_scalar(header)} holds {what}. A delivery with it is refused whole:"
        yield "    # the partner runs `joinedup pseudonymise` first, which leaves it out."
    if draft.ignored:
        yield "    ignored:  # sent, not used, never stored: move up what the agreement covers and the area needs"
        yield from (f"      - {_scalar(name)}" for name in draft.ignored)


def _column(name: str, column: DraftedColumn) -> Iterator[str]:
    remark = column.remark
    if UNFINISHED in column.settings.values():
        remark = f"{UNFINISHED}: {remark}" if remark else UNFINISHED
    if column.codes or len(column.settings) > MANY:
        yield f"      {name}:{_beside(remark)}"
        yield from (f"        {key}: {_scalar(value)}" for key, value in column.settings.items())
        yield from _remark(column.code_remark, 8)
        yield "        codes:"
        yield from (f"          {_scalar(code)}: {_scalar(meaning)}" for code, meaning in column.codes.items())
        return
    yield f"      {name}: {_flow(column.settings)}{_beside(remark)}"


def _remark(text: str, indent: int) -> Iterator[str]:
    """Yield a remark on lines of its own."""
    yield from (f"{' ' * indent}# {line}" for line in textwrap.wrap(text, WIDTH - indent - 2))


def _beside(remark: str) -> str:
    return f"  # {remark}" if remark else ""


def _flow(settings: Mapping[str, object]) -> str:
    return "{" + ", ".join(f"{key}: {_scalar(value, inside=True)}" for key, value in settings.items()) + "}"


def _scalar(value: object, *, inside: bool = False) -> str:
    """Return a value as YAML writes it in one line; `inside` braces, where commas and brackets mean something."""
    wrapped: object = [value] if inside else value
    text = yaml.safe_dump(wrapped, default_flow_style=True, width=10_000, allow_unicode=True).strip()
    text = text.removesuffix("...").strip()
    return text[1:-1] if inside else text
