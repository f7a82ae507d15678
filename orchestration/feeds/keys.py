"""The linkage key: where it is read from, what makes it fit for use, and the id by which it is told from others.

What belongs here: files, standard input, strength, ids. What does not: what the key is used for (`tokens`); the
environment, which `orchestration.settings` alone reads. No message here ever holds a part of a key.
"""

import hashlib
import hmac
import math
import re
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

from orchestration.errors import ConfigurationError, LinkageError

KEY_LEAST_BYTES = 32
KEY_LEAST_ENTROPY = 4.0
"""Bits a byte by the counts of its values. 32 random bytes have 4.9 (5 at most), the least of 30,000 draws 4.3;
digits and repeated patterns stay below 4."""
WORD = re.compile("[A-Z]?[a-z]{4,}|[A-Z]{5,}")
MOST_IN_WORDS = 0.6
"""Share of characters in runs that could be words: about 0.1 in random base64, where above 0.6 is 1 key in
5,000, and 0.7 in words run together."""
GOLDEN_KEY = bytes(range(32))
"""The key of the published vectors (docs/reference/tokens.md): everybody has it, so it protects nobody."""
KEY_ID_MESSAGE = "joinedup-2\x1fkey_id"
ADVICE = "Use 32 random bytes, for example from `openssl rand -hex 32`."
STANDARD_INPUT = Path("-")


class WeakKeyError(LinkageError):
    """The key could be guessed, and with it every token."""


def read_key(path: Path | None) -> bytes:
    """Read the linkage key from a file, or from standard input for None and `-`; hexadecimal or raw bytes.

    It never comes from the command line, where other users of the machine and the shell's history would see it.
    Raises ConfigurationError and WeakKeyError.
    """
    try:
        data = sys.stdin.buffer.read() if path in (None, STANDARD_INPUT) else path.read_bytes()  # type: ignore[union-attr]
    except OSError as error:
        raise ConfigurationError(
            f"The linkage key {path} cannot be read ({error.strerror}): ask the key custodian for it."
        ) from error
    return key_from(data)


def key_from(data: bytes) -> bytes:
    """Return the key that a file holds: hexadecimal digits, other text without blanks around it, or raw bytes."""
    text = data.strip()
    if not text:
        raise WeakKeyError(f"The linkage key is missing: what was given is empty. {ADVICE}")
    try:
        key = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        key = text if _is_printable(text) else data
    check_key(key)
    if key == GOLDEN_KEY:
        raise WeakKeyError(f"This is the key of the published test vectors, which everybody has. {ADVICE}")
    return key


def check_key(key: bytes) -> None:
    """Refuse a key that is short, patterned or made of words; it guards everyone's identity in every feed."""
    if len(key) < KEY_LEAST_BYTES:
        raise WeakKeyError(f"The linkage key has {len(key)} bytes: at least {KEY_LEAST_BYTES} are needed. {ADVICE}")
    if any(key[step:] == key[:-step] for step in range(1, len(key) // 2 + 1)):
        raise WeakKeyError(f"The linkage key repeats itself. {ADVICE}")
    if _entropy(key) < KEY_LEAST_ENTROPY:
        raise WeakKeyError(f"The linkage key has too few different bytes to be random. {ADVICE}")
    if len({(after - before) % 256 for before, after in pairwise(key)}) == 1 and key != GOLDEN_KEY:
        raise WeakKeyError(f"The linkage key counts upwards or downwards. {ADVICE}")
    if _is_printable(key) and _reads_like_words(key.decode("ascii")):
        raise WeakKeyError(f"The linkage key is made of words, which can be guessed. {ADVICE}")


def written(key: bytes) -> str:
    """Return the key as every HMAC takes it: its lowercase hexadecimal digits, as `openssl rand -hex` prints them.

    Native code takes texts, and 32 bytes in hexadecimal fill a block of SHA-256 to the byte.
    """
    return key.hex()


def key_id(key: bytes) -> str:
    """Return the eight hexadecimal digits by which a key is told from another without revealing it."""
    return hmac.digest(written(key).encode(), KEY_ID_MESSAGE.encode(), hashlib.sha256).hex()[:8]


def _entropy(key: bytes) -> float:
    shares = [count / len(key) for count in Counter(key).values()]
    return -sum(share * math.log2(share) for share in shares)


def _is_printable(key: bytes) -> bool:
    return all(0x20 <= byte < 0x7F for byte in key)


def _reads_like_words(text: str) -> bool:
    return " " in text or sum(map(len, WORD.findall(text))) > MOST_IN_WORDS * len(text)
