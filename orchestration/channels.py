"""Where alerts go, as the environment says it: a mail server, a webhook, or neither.

What belongs here: reading and checking these settings (orchestration.settings hands over the environment). What does
not: sending (orchestration.alerts). Passwords and tokens are named by their file and read only to be sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

from orchestration.errors import ConfigurationError

CHANNEL_VARIABLES = {
    "JOINEDUP_ALERT_SMTP": "mail server that alerts are sent by, as host or host:port (default: no mail)",
    "JOINEDUP_ALERT_SMTP_SECURITY": "how mail is protected on its way: starttls, tls or none (default: starttls)",
    "JOINEDUP_ALERT_SMTP_LOGIN_FILE": "file with the mail server's user on its first line, password on its second",
    "JOINEDUP_ALERT_FROM": "e-mail address that alerts come from",
    "JOINEDUP_ALERT_TO": "e-mail addresses that alerts go to, parted by commas",
    "JOINEDUP_ALERT_WEBHOOK": "address that alerts are posted to as JSON (default: no webhook)",
    "JOINEDUP_ALERT_WEBHOOK_TOKEN_FILE": "file with the bearer token that the webhook asks for (default: none)",
}
Security = Literal["starttls", "tls", "none"]
LOOPBACK = ("localhost", "127.0.0.1", "::1")
PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True)
class Mail:
    """A mail server, and from whom to whom it carries alerts."""

    host: str
    port: int
    sender: str
    recipients: tuple[str, ...]
    security: Security = "starttls"
    login_file: Path | None = None


@dataclass(frozen=True)
class Webhook:
    """An address that takes JSON by POST. The address is a secret with many services: it is never shown whole."""

    address: str = field(repr=False)
    token_file: Path | None = None

    @property
    def place(self) -> str:
        """Return the host that the address is at, without the path that may be secret."""
        return urlsplit(self.address).hostname or "?"


@dataclass(frozen=True)
class Channels:
    """The ways by which alerts leave the area; the log in the home is always written."""

    mail: Mail | None = None
    webhook: Webhook | None = None


def read_channels(environment: Mapping[str, str]) -> Channels:
    """Return the channels that the environment names; raise ConfigurationError for one that cannot be used."""
    return Channels(mail=_mail(environment), webhook=_webhook(environment))


def checked_address(name: str, text: str | None) -> str | None:
    """Return an http(s) address without a trailing slash, None for none; raise ConfigurationError for another text."""
    if not text:
        return None
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or any(character.isspace() for character in text):
        raise ConfigurationError(f"{name} is not an address: expected https://host/path or http://host/path.")
    return text.rstrip("/")


def _mail(environment: Mapping[str, str]) -> Mail | None:
    server = environment.get("JOINEDUP_ALERT_SMTP")
    if not server:
        return None
    security = environment.get("JOINEDUP_ALERT_SMTP_SECURITY") or "starttls"
    known: tuple[Security, ...] = get_args(Security)
    chosen = next((one for one in known if one == security), None)
    if chosen is None:
        raise ConfigurationError(f"JOINEDUP_ALERT_SMTP_SECURITY is '{security}': expected {', '.join(known)}.")
    host, _, port = server.partition(":")
    if port and not (port.isdigit() and 0 < int(port) < 65536):
        raise ConfigurationError(f"JOINEDUP_ALERT_SMTP is '{server}': expected host or host:port.")
    sender = _addresses(environment, "JOINEDUP_ALERT_FROM")
    login_file = environment.get("JOINEDUP_ALERT_SMTP_LOGIN_FILE")
    if login_file and chosen == "none" and host not in LOOPBACK:
        raise ConfigurationError(
            "JOINEDUP_ALERT_SMTP_SECURITY is 'none', and a password would travel in clear: choose starttls or tls, or "
            "unset JOINEDUP_ALERT_SMTP_LOGIN_FILE."
        )
    return Mail(
        host=host,
        port=int(port) if port else PORTS[chosen],
        sender=sender[0],
        recipients=_addresses(environment, "JOINEDUP_ALERT_TO"),
        security=chosen,
        login_file=_file("JOINEDUP_ALERT_SMTP_LOGIN_FILE", login_file),
    )


def _webhook(environment: Mapping[str, str]) -> Webhook | None:
    text = environment.get("JOINEDUP_ALERT_WEBHOOK")
    if not text or checked_address("JOINEDUP_ALERT_WEBHOOK", text) is None:
        return None
    name = "JOINEDUP_ALERT_WEBHOOK_TOKEN_FILE"
    token_file = _file(name, environment.get(name))
    parts = urlsplit(text)
    if token_file and parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ConfigurationError("JOINEDUP_ALERT_WEBHOOK is http, and its token would travel in clear: use https.")
    return Webhook(address=text, token_file=token_file)


def _addresses(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    text = environment.get(name, "")
    found = tuple(one.strip() for one in text.split(",") if one.strip())
    wrong = [one for one in found if one.count("@") != 1 or any(c.isspace() or c in "<>" for c in one)]
    if not found or wrong:
        raise ConfigurationError(
            f"{name} is '{text}': with JOINEDUP_ALERT_SMTP set it must be an e-mail address, such as data@example.org."
        )
    return found


def _file(name: str, text: str | None) -> Path | None:
    if not text:
        return None
    path = Path(text).expanduser()
    if not path.is_file():
        raise ConfigurationError(f"{name} names {path}, which does not exist.")
    return path
