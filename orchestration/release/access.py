"""Who may ask for figures over HTTP: tokens, each with a name, a release policy and a day on which it ends.

A token is 32 random bytes; only its SHA-256 is kept, in `state/api_tokens.json`. Random bytes cannot be guessed, so
that no slow hash is needed. What does not belong here: HTTP (dashboards.api), people's sign-in.
"""

import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from orchestration.errors import ConfigurationError
from orchestration.release.policy import POLICIES
from orchestration.settings import Settings

PREFIX = "joinedup_"
"""Begins every token, so that scanners find one that was left in a document."""
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{1,40}")
LONGEST_DAYS = 730
OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Access:
    """A token's holder by name, the policy that all answers to it follow, and the last day on which it counts."""

    name: str
    policy: str
    until: date


def new_token(settings: Settings, name: str, *, policy: str, days: int, today: date) -> str:
    """Make a token and return it, this once; raise ConfigurationError for a name in use or what no token may have."""
    if not NAME.fullmatch(name):
        raise ConfigurationError(f"'{name}' is no name for a token: 2 to 41 lower-case letters, digits, - and _.")
    if policy not in POLICIES:
        raise ConfigurationError(f"There is no release policy '{policy}'. Allowed: {', '.join(POLICIES)}.")
    if not 1 <= days <= LONGEST_DAYS:
        raise ConfigurationError(f"A token lasts 1 to {LONGEST_DAYS} days, not {days}.")
    kept = _read(settings)
    if name in kept:
        raise ConfigurationError(f"There is a token named '{name}' already: revoke it first, or choose another name.")
    token = PREFIX + secrets.token_urlsafe(32)
    kept[name] = {"sha256": _digest(token), "policy": policy, "until": (today + timedelta(days=days)).isoformat()}
    _write(settings, kept)
    return token


def revoke(settings: Settings, name: str) -> None:
    """Forget a token; raise ConfigurationError when there is none of that name."""
    kept = _read(settings)
    if name not in kept:
        raise ConfigurationError(f"There is no token named '{name}'. There are: {', '.join(kept) or 'none'}.")
    del kept[name]
    _write(settings, kept)


def tokens(settings: Settings) -> list[Access]:
    """Return the holders of tokens, by name."""
    kept = _read(settings)
    return [Access(name, known["policy"], date.fromisoformat(known["until"])) for name, known in sorted(kept.items())]


def holder_of(settings: Settings, token: str, *, today: date) -> Access | None:
    """Return whose token this is; None when it is nobody's, or when its last day is over.

    The file is read at every question, so that a revoked token ends at once. All digests are compared, each in the
    same time wherever it differs.
    """
    digest, kept = _digest(token), _read(settings)
    found = [name for name, known in kept.items() if hmac.compare_digest(digest, known["sha256"])]
    return next((access for access in tokens(settings) if access.name in found and today <= access.until), None)


def as_rows(settings: Settings) -> list[dict[str, object]]:
    """Return the holders as rows for a screen or JSON."""
    return [{**asdict(access), "until": access.until.isoformat()} for access in tokens(settings)]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _path(settings: Settings) -> Path:
    return settings.state / "api_tokens.json"


def _read(settings: Settings) -> dict[str, dict[str, str]]:
    path = _path(settings)
    if not path.exists():
        return {}
    try:
        kept: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigurationError(f"{path} is damaged: restore it, or remove it and make new tokens.") from error
    return kept


def _write(settings: Settings, kept: dict[str, dict[str, str]]) -> None:
    path = _path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.aside")
    aside.touch(mode=OWNER_ONLY)
    aside.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    aside.replace(path)
