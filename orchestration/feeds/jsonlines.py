"""JSON lines, and lists of JSON objects, as columns of text.

An object inside a record becomes columns of its own, `client.ref`, one level deep; what lies deeper, and lists, stay
JSON text. What does not belong here: naming, stripping and numbering columns (rawtables).
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from orchestration.area.contracts import DeliveryFile
from orchestration.feeds.content import Content, UnreadableFileError, decode
from orchestration.feeds.delimited import MOST_COLUMNS, Detected, positions

AGAIN = "\x1fagain"
"""Behind a key that its object holds twice: its column comes twice too, as in any other file."""
MOST_DEPTH_ERROR = (ValueError, RecursionError)


def read_json(
    content: Content, declared: DeliveryFile, expected: Sequence[str]
) -> tuple[pl.DataFrame, Sequence[str], Detected]:
    """Return the records as text cells, their keys in order of first mention, and what was detected.

    Without a record there is no header: a quiet month is an empty file.
    """
    text, encoding = decode(content, declared.encoding)
    is_list = text.lstrip().startswith("[")
    columns: dict[str, list[str | None]] = {}
    count = 0
    for record in _list(content.name, text) if is_list else _lines(content.name, text):
        for key, value in _flat(record):
            cells = columns.get(key)
            if cells is None:
                if len(columns) >= MOST_COLUMNS:
                    raise UnreadableFileError(f"'{content.name}' has more than {MOST_COLUMNS} columns: it is not read.")
                cells = columns[key] = []
            cells.extend([None] * (count - len(cells)))
            if len(cells) == count:  # the same key again, flat and nested, keeps its first value
                cells.append(_text(value))
        count += 1
    for cells in columns.values():
        cells.extend([None] * (count - len(cells)))
    keys = list(columns) if count else list(expected)
    names = positions(len(keys))
    frame = pl.DataFrame(
        {name: columns.get(key, []) for name, key in zip(names, keys, strict=True)},
        schema=dict.fromkeys(names, pl.String()),
    )
    header = [key.replace(AGAIN, "") for key in keys]
    return frame, header, {"format": "json" if is_list else "jsonl", "encoding": encoding}


def _lines(name: str, text: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                record = json.loads(line, object_pairs_hook=_keeping_repeated)
            except MOST_DEPTH_ERROR:
                raise UnreadableFileError(f"'{name}', line {number}: this is not a line of JSON.") from None
            if not isinstance(record, dict):
                raise UnreadableFileError(f"'{name}', line {number}: expected one JSON object a line.")
            yield record


def _list(name: str, text: str) -> Iterator[dict[str, Any]]:
    try:
        records = json.loads(text, object_pairs_hook=_keeping_repeated)
    except MOST_DEPTH_ERROR:
        raise UnreadableFileError(f"'{name}' begins like a list of JSON objects and is none. Send it again.") from None
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise UnreadableFileError(f"'{name}', record {number}: expected a JSON object.")
        yield record


def _keeping_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[f"{key}{AGAIN}" if key in found else key] = value
    return found


def _flat(record: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{inner}", held) for inner, held in value.items())
        else:
            yield key, value


def _text(value: object) -> str | None:
    if value is None:
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
