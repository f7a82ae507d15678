"""How people sign in: what the settings say of the OpenID Connect provider, checked as a whole.

All or nothing: a half-configured provider is refused, so that nobody believes in a sign-in that is not there. What does
not belong here: the sign-in itself (dashboards.access).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from orchestration.errors import ConfigurationError

ROLES = ("designer", "engineer", "leader", "governance", "partner", "public")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
MOST_PROXIES = 5
SIGN_IN_VARIABLES = {
    "JOINEDUP_SIGN_IN": "how people sign in: local (nobody does, this machine only) or oidc (default: by what is set)",
    "JOINEDUP_OIDC_ISSUER": "address of the OpenID Connect provider, as its tokens name it",
    "JOINEDUP_OIDC_CLIENT_ID": "name of this installation at the provider",
    "JOINEDUP_OIDC_CLIENT_SECRET_FILE": "file with the client secret that the provider gave",
    "JOINEDUP_PUBLIC_URL": "address under which people reach the dashboards: https, or http on this machine",
    "JOINEDUP_OIDC_ROLE_CLAIM": "claim that holds a person's roles or groups (default: roles)",
    "JOINEDUP_OIDC_ROLE_MAP": "value=role, parted by commas, where the claim's values are not the names of roles",
    "JOINEDUP_OIDC_PARTNER_CLAIM": "claim that names the partner somebody works for (default: partner)",
    "JOINEDUP_OIDC_SCOPE": "what is asked of the provider (default: openid profile)",
    "JOINEDUP_PROXIES": "how many proxies in front may tell a visitor's address (default: 0, none is believed)",
}
NEEDED = ("JOINEDUP_OIDC_ISSUER", "JOINEDUP_OIDC_CLIENT_ID", "JOINEDUP_OIDC_CLIENT_SECRET_FILE", "JOINEDUP_PUBLIC_URL")
GUIDE = "docs/how-to/sign-in-with-oidc.md tells how to set it up."


@dataclass(frozen=True)
class SignIn:
    """One provider, and how its claims become roles here. The secret is never printed with the rest."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    public_url: str
    role_claim: str = "roles"
    role_map: Mapping[str, str] = field(default_factory=dict)
    partner_claim: str = "partner"
    scope: str = "openid profile"
    proxies: int = 0

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")


def read_sign_in(environment: Mapping[str, str]) -> SignIn | None:
    """Return the provider that is set, or None for local mode; raise ConfigurationError for anything in between."""
    said = {name: environment.get(name, "").strip() for name in SIGN_IN_VARIABLES}
    mode, given = said["JOINEDUP_SIGN_IN"], [name for name in SIGN_IN_VARIABLES if said[name]]
    if mode not in ("", "local", "oidc"):
        raise ConfigurationError("JOINEDUP_SIGN_IN is neither 'local' nor 'oidc': choose one, or unset it.")
    provider = [name for name in given if name != "JOINEDUP_SIGN_IN"]
    if mode == "local" and provider:
        raise ConfigurationError(
            f"JOINEDUP_SIGN_IN is 'local', but {', '.join(provider)} is set for sign-in: unset one or the other."
        )
    if mode != "oidc" and not provider:
        return None
    missing = [name for name in NEEDED if not said[name]]
    if missing:
        raise ConfigurationError(
            f"Sign-in is half configured: {', '.join(missing)} is not set. Set it, or unset all of JOINEDUP_OIDC_*, "
            f"JOINEDUP_PUBLIC_URL and JOINEDUP_PROXIES for local mode. {GUIDE}"
        )
    return SignIn(
        issuer=_address("JOINEDUP_OIDC_ISSUER", said["JOINEDUP_OIDC_ISSUER"]),
        client_id=said["JOINEDUP_OIDC_CLIENT_ID"],
        client_secret=_secret(Path(said["JOINEDUP_OIDC_CLIENT_SECRET_FILE"]).expanduser()),
        public_url=_address("JOINEDUP_PUBLIC_URL", said["JOINEDUP_PUBLIC_URL"]).rstrip("/"),
        role_claim=said["JOINEDUP_OIDC_ROLE_CLAIM"] or "roles",
        role_map=_role_map(said["JOINEDUP_OIDC_ROLE_MAP"]),
        partner_claim=said["JOINEDUP_OIDC_PARTNER_CLAIM"] or "partner",
        scope=_scope(said["JOINEDUP_OIDC_SCOPE"]),
        proxies=_proxies(said["JOINEDUP_PROXIES"]),
    )


def _address(name: str, text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme == "https" and parts.hostname and not parts.query:
        return text
    if parts.scheme == "http" and parts.hostname in LOOPBACK:
        return text
    raise ConfigurationError(f"{name} is no address that sign-in may use: expected https://…, or http:// on loopback.")


def _secret(path: Path) -> str:
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"JOINEDUP_OIDC_CLIENT_SECRET_FILE names {path}, which cannot be read: write the client secret in it."
        ) from error
    if not secret:
        raise ConfigurationError(f"{path} is empty: write the client secret that the provider gave in it.")
    return secret


def _role_map(text: str) -> dict[str, str]:
    pairs = [part.strip().rpartition("=") for part in text.split(",") if part.strip()]
    for value, _, role in pairs:
        if not value or role not in ROLES:
            raise ConfigurationError(
                f"JOINEDUP_OIDC_ROLE_MAP has an entry that is not value=role; roles are {', '.join(ROLES)}."
            )
    return {value: role for value, _, role in pairs}


def _scope(text: str) -> str:
    if text and "openid" not in text.split():
        raise ConfigurationError("JOINEDUP_OIDC_SCOPE lacks 'openid': without it the provider sends no identity.")
    return text or "openid profile"


def _proxies(text: str) -> int:
    if text and not (text.isascii() and text.isdigit() and int(text) <= MOST_PROXIES):
        raise ConfigurationError(f"JOINEDUP_PROXIES is a whole number from 0 to {MOST_PROXIES}.")
    return int(text or 0)
