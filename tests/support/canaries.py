"""What must never leave, and finding it in anything that does: planted counts, keys, secrets, tokens, insides."""

import json
import re
from collections.abc import Collection, Iterable

import duckdb

from orchestration.redteam.attacks.channels import numbers
from orchestration.settings import Settings

INSIDES = ("Traceback (most recent", "srv_person", "record_key =", "bit_xor", "getvariable", "DuckDB", "sqlite3")
MARKED = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)


def texts_that_never_leave(settings: Settings, *more: str) -> frozenset[str]:
    """Return the release secret, its key of cookies, every record key as a number and in hexadecimal, and `more`."""
    held = {settings.release_secret_file.read_text(encoding="ascii").strip(), *more}
    if (key := settings.state / "session.key").exists():
        held.add(key.read_text(encoding="ascii").strip())
    with duckdb.connect(str(settings.warehouse / "build.duckdb"), read_only=True) as warehouse:
        keys = [row[0] for row in warehouse.execute("select record_key from serving.srv_person").fetchall()]
    return frozenset((*held, *(str(key) for key in keys), *(f"{key:016x}" for key in keys)))


def leaks(payload: object, canaries: Collection[float], never: Iterable[str] = ()) -> bool:
    """Whether a payload holds a planted count, in whatever form, or one of the texts, or the inside of the product.

    Of JSON text the numbers are read as they are sent: chart arrays decoded from base64.
    """
    text = payload if isinstance(payload, str) else str(payload)
    words = _words(text)
    if not words.isdisjoint(never):
        return True
    if any(inside in text for inside in INSIDES):
        return True
    return not set(numbers(parsed(payload))).isdisjoint(canaries)


def parsed(payload: object) -> object:
    """Return JSON text as what it holds, a page of HTML as its words, anything else as it is."""
    if not isinstance(payload, str):
        return payload
    if payload.lstrip().startswith(("{", "[")):
        try:
            return json.loads(payload)
        except ValueError:
            return payload
    return MARKED.sub(" ", payload) if payload.lstrip().startswith("<") else payload


def _words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z0-9_-]{12,}", text))
