"""Ed25519 signatures of the log: the key (made on first use, 0600), its public half, and what is signed.

A signature holds only as well as the key is kept. Whoever has the key and every file can write another history; what
tells then is a public key and checkpoints kept elsewhere (docs/how-to/audit.md).
"""

import hashlib
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

OWNER_ONLY, ALL_READ = 0o600, 0o644
PURPOSE = b"joinedup audit 1\n"
"""Stands before every text that is signed, so that no signature of this key can serve as one of anything else."""
PUBLIC_NAME = "public-key.pem"


class Signer:
    """The private key of one log."""

    def __init__(self, key_file: Path, *, may_make: bool) -> None:
        """Read the key, or make it when it is missing and may be made; raise ConfigurationError otherwise."""
        self._key = _read(key_file) if key_file.exists() else _make(key_file, may_make=may_make)

    @cached_property
    def public_pem(self) -> bytes:
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - partners have no cryptography

        return self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @cached_property
    def key_id(self) -> str:
        return key_id(self.public_pem)

    def sign(self, text: str) -> str:
        """Return the signature of a text as hexadecimal."""
        return self._key.sign(PURPOSE + text.encode("ascii")).hex()


class Checker:
    """The public key of one log."""

    def __init__(self, pem: bytes) -> None:
        """Take a public key as PEM; raise ConfigurationError when it is none."""
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

        try:
            key = serialization.load_pem_public_key(pem)
        except ValueError:
            key = None
        if not isinstance(key, Ed25519PublicKey):
            raise ConfigurationError("The public key of the audit log is not an Ed25519 key in PEM.")
        self._key: Ed25519PublicKey = key
        self.key_id = key_id(pem)

    def is_signed(self, text: str, signature: object) -> bool:
        """Tell whether a signature is this key's, of this text."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415

        try:
            self._key.verify(bytes.fromhex(str(signature)), PURPOSE + text.encode("ascii"))
        except (InvalidSignature, ValueError):
            return False
        return True


def key_id(pem: bytes) -> str:
    """Return 16 hex digits that recognise a public key."""
    return hashlib.sha256(pem).hexdigest()[:16]


def _make(path: Path, *, may_make: bool) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    if not may_make:
        raise ConfigurationError(
            f"{path}, the key that signs the audit log, is missing, and the log has records: restore it from your "
            "vault. A new key would make another log of it."
        )
    key = Ed25519PrivateKey.generate()
    content = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.aside")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)  # whole or not at all: half a key would stop the log for good
    return key


def _read(path: Path) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigurationError(
            f"{path} does not hold the key of the audit log (or cannot be read): restore it from your vault."
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError(f"{path} holds a key, but no Ed25519 key, which signs the audit log.")
    return key
