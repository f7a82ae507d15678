"""HMAC-SHA-256 (RFC 2104) of many messages under one key, as fast as OpenSSL can be called from Python.

What belongs here: the digests, and their hexadecimal form. What does not: what a message is made of (`tokens`), which
keys are fit for use (`keys`).

`hmac.digest` sets the key anew for every message and has OpenSSL look up SHA-256 each time. Here the two padded keys,
and with the inner one the opening that all messages share, are hashed once; each message goes on from a copy of both.
"""

import hashlib
from collections.abc import Iterable, Sequence

import polars as pl

BLOCK_BYTES = 64
INNER_PAD = 0x36
OUTER_PAD = 0x5C
DIGEST_BYTES = 32


def digests(messages: Iterable[bytes], key: bytes, *, opening: bytes = b"") -> list[bytes]:
    """Return HMAC-SHA-256(key, opening + message) of each message, 32 bytes each, in their order."""
    padded = (hashlib.sha256(key).digest() if len(key) > BLOCK_BYTES else key).ljust(BLOCK_BYTES, b"\0")
    inner = hashlib.sha256(bytes(byte ^ INNER_PAD for byte in padded) + opening)
    outer = hashlib.sha256(bytes(byte ^ OUTER_PAD for byte in padded))
    begin_inner, begin_outer = inner.copy, outer.copy
    found: list[bytes] = []
    add = found.append
    for message in messages:
        inside = begin_inner()
        inside.update(message)
        outside = begin_outer()
        outside.update(inside.digest())
        add(outside.digest())
    return found


def hexadecimal(found: Sequence[bytes], digits: int) -> pl.Series:
    """Return the first digits of each digest in lower case; one text is made of all and cut, which spares a loop."""
    if not found:
        return pl.Series(dtype=pl.String)
    return pl.Series([b"".join(found).hex("\n", DIGEST_BYTES)]).str.split("\n").explode().str.head(digits)
