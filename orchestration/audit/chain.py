"""The chain: canonical JSON of a record, its digest, and what is signed of it. Pure."""

import hashlib
import json
from typing import Any

START = "0" * 64
"""What the first record of all follows."""
Record = dict[str, Any]


def canonical(record: Record) -> str:
    """Return the one text of a record: keys in order, no blanks, ASCII."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest_of(record: Record) -> str:
    """Return the SHA-256 of a record without its own digest."""
    return hashlib.sha256(
        canonical({name: value for name, value in record.items() if name != "digest"}).encode("ascii")
    ).hexdigest()


def sealed(record: Record) -> Record:
    """Return a record with its digest."""
    return {**record, "digest": digest_of(record)}


def line_of(record: Record) -> bytes:
    """Return the line of a record in the log."""
    return canonical(record).encode("ascii") + b"\n"


def checkpoint_text(*, seq: int, digest: str) -> str:
    """Return what a checkpoint signs: how many records there are, and the digest of the last."""
    return f"checkpoint {seq} {digest}"


def prune_text(record: Record) -> str:
    """Return what a prune record signs: which records went, what stood before them, and the last of them."""
    return f"pruned {record['first_seq']} {record['last_seq']} {record['before']} {record['last_digest']}"
