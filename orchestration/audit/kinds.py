"""What the audit log may hold: each kind of record with the fields it may have, and no other."""

import json
from typing import Literal, get_args

Kind = Literal[
    "release_seen",
    "release_downloaded",
    "agreement_decision",
    "refresh",
    "rollback",
    "sign_in",
    "sign_out",
    "access_refused",
    "access_changed",
    "configuration_known",
    "configuration_changed",
    "agreement_changed",
    "suspension",
    "forget",
    "objection",
    "retention",
    "documents",
    "decision",
    "voice",
    "backup",
    "audit_read",
    "checkpoint",
    "healed",
    "broken",
    "pruned",
]
Value = str | int | bool | None | list[str]

ALWAYS = frozenset({"seq", "at", "kind", "who", "previous", "digest"})
KINDS: dict[str, frozenset[str]] = {
    "release_seen": frozenset({"role", "asked", "policy", "snapshot", "outcome"}),
    "release_downloaded": frozenset({"role", "asked", "policy", "snapshot", "outcome"}),
    "agreement_decision": frozenset({"feed", "agreement", "allowed", "may_keep", "reason", "items"}),
    "refresh": frozenset({"refresh", "outcome", "feeds", "failed", "published", "snapshot", "decisions"}),
    "rollback": frozenset({"snapshot"}),
    "sign_in": frozenset({"role", "outcome", "reason", "method"}),
    "sign_out": frozenset({"role", "reason"}),
    "access_refused": frozenset({"role", "where"}),
    "access_changed": frozenset({"name", "change", "policy", "until"}),
    "configuration_known": frozenset({"files", "pack", "moment"}),
    "configuration_changed": frozenset({"file", "old", "new", "pack", "moment"}),
    "agreement_changed": frozenset({"file", "old", "new", "pack", "moment"}),
    "suspension": frozenset({"agreement", "change", "reason"}),
    "forget": frozenset({"certificate", "outcome", "stores"}),
    "objection": frozenset({"purpose", "change", "entries"}),
    "retention": frozenset({"outcome", "feeds", "rows"}),
    "documents": frozenset({"written", "snapshot"}),
    "decision": frozenset({"decision", "change"}),
    "voice": frozenset({"voice", "change"}),
    "backup": frozenset({"backup", "change", "digest_of_file"}),
    "audit_read": frozenset({"purpose", "asked", "records"}),
    "checkpoint": frozenset({"key", "signature"}),
    "healed": frozenset({"what", "bytes", "sha256"}),
    "broken": frozenset({"what", "expected_seq", "expected_digest"}),
    "pruned": frozenset({"first_seq", "last_seq", "before", "last_digest", "key", "signature"}),
}
"""Kind to the fields that it may have beside those of every record. Objections and forgetting name no token."""
assert set(KINDS) == set(get_args(Kind))  # noqa: S101 - two lists of one idea, held together at import
LONGEST_VALUE = 1_000
LONGEST_LIST = 2_500
"""Bytes as they stand in the log, so that the head, which has a fixed size, holds any record."""


def checked(kind: str, fields: dict[str, Value]) -> dict[str, Value]:
    """Return the fields with long texts cut; raise TypeError for a kind or field that the log does not have."""
    if kind not in KINDS:
        raise TypeError(f"The audit log has no kind '{kind}'.")
    if strange := sorted(set(fields) - KINDS[kind]):
        raise TypeError(f"A record '{kind}' has no field {', '.join(strange)}.")
    return {name: _cut(value) for name, value in fields.items()}


def _cut(value: Value) -> Value:
    if isinstance(value, str):
        return shortened(value, LONGEST_VALUE)
    if isinstance(value, list):
        kept: list[str] = []
        room = LONGEST_LIST
        for one in value:
            short = shortened(one, 200)
            room -= len(json.dumps(short)) + 2
            if room < 0:
                return [*kept, f"and {len(value) - len(kept)} more"]
            kept.append(short)
        return kept
    return value


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many bytes, as ASCII with escapes, its end cut off where it is longer."""
    if len(text) * 14 <= most:  # nothing takes more than an escaped pair of surrogates in a quoted line
        return text
    if len(json.dumps(json.dumps(text))) <= most:
        return text
    low, high = 0, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(json.dumps(json.dumps(text[:middle]))) <= most - 10 else (low, middle - 1)
    return text[:low] + "…"
