"""Small files and values of the state beside snapshots, encrypted at rest with the area's snapshot keys.

AES-256 in Galois counter mode, a nonce of its own for each value, and a context that says which value it is, so that
one cannot be put in the place of another. What is read as it is: whatever was kept before a key was set. What does not
belong here: published files, which DuckDB encrypts (published_files).
"""

import secrets
from collections.abc import Sequence
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"JOINEDUP-SEALED1"
NONCE_BYTES = 12
DOMAIN = b"joinedup-sealed1"  # blake2b's `person`: the key that DuckDB gets is never used for anything else


class NoKeyFitsError(Exception):
    """None of the keys opens a value. Whoever asked for it says which file that is and what to do."""


def context_of(*names: str) -> str:
    """Return the context of a value by what it is called."""
    return "|".join(names)


def is_sealed(value: bytes) -> bool:
    """Tell whether a value is encrypted."""
    return value.startswith(MAGIC)


def is_sealed_with(value: bytes, keys: Sequence[str], *, context: str) -> bool:
    """Tell whether a value is as it would be kept now: under the first of the keys, or plain where there are none."""
    if not keys or not is_sealed(value):
        return not keys and not is_sealed(value)
    try:
        unseal(value, keys[:1], context=context)
    except NoKeyFitsError:
        return False
    return True


def seal(value: bytes, keys: Sequence[str], *, context: str) -> bytes:
    """Encrypt a value with the first of the keys; without keys it stays as it is."""
    if not keys:
        return value
    nonce = secrets.token_bytes(NONCE_BYTES)
    return MAGIC + nonce + _cipher(keys[0]).encrypt(nonce, value, context.encode())


def unseal(value: bytes, keys: Sequence[str], *, context: str) -> bytes:
    """Return what was sealed in the same context, or a plain value as it is; raise NoKeyFitsError."""
    if not is_sealed(value):
        return value
    start = len(MAGIC) + NONCE_BYTES
    for key in keys:
        try:
            return _cipher(key).decrypt(value[len(MAGIC) : start], value[start:], context.encode())
        except InvalidTag:
            continue
    raise NoKeyFitsError


def _cipher(key: str) -> AESGCM:
    return AESGCM(blake2b(key.encode("ascii"), digest_size=32, person=DOMAIN).digest())
