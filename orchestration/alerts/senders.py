"""Sending one message: to the log in the home, by mail (SMTP), or to a webhook (JSON by POST).

What belongs here: the protocols, and telling what may be tried again. What does not: what a message says, or keeping
what could not be sent. No error here holds a password, a token or the path of a webhook's address.
"""

import http.client
import json
import random
import smtplib
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from orchestration.alerts.messages import Message
from orchestration.channels import Mail, Webhook
from orchestration.settings import Settings

TIMEOUT_SECONDS = 5.0
ATTEMPTS = 3
FIRST_WAIT_SECONDS = 1.0
"""Doubled at each attempt, and varied by half either way so that two areas do not knock together."""
TRY_AGAIN = (408, 425, 429, 500, 502, 503, 504)
PERMANENT = 500
"""SMTP replies from here on stay as they are however often one asks (RFC 5321, 4.2.1)."""
Send = Callable[[Message], str]


class NotSentError(Exception):
    """A message could not be sent; `may_try_again` when the same may succeed in a moment."""

    def __init__(self, why: str, *, may_try_again: bool) -> None:
        super().__init__(why)
        self.may_try_again = may_try_again


def patiently(send: Send, message: Message, *, pause: Callable[[float], None] = time.sleep) -> str:
    """Send, trying again with growing waits; return what the sender has to remark, often nothing."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return send(message)
        except NotSentError as error:
            if not error.may_try_again or attempt == ATTEMPTS:
                raise
        pause(FIRST_WAIT_SECONDS * 2 ** (attempt - 1) * random.uniform(0.5, 1.5))  # noqa: S311 - not a secret
    raise AssertionError("unreachable")  # pragma: no cover


def write_log(settings: Settings, message: Message) -> str:
    """Add the message to state/alerts.jsonl, one line a message."""
    facts = {name: value for name, value in message.facts.items() if name != "text"}
    entry = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **facts}
    try:
        with (settings.state / "alerts.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    except OSError as error:
        raise NotSentError(f"state/alerts.jsonl cannot be written ({error.strerror})", may_try_again=False) from None
    return ""


def send_mail(mail: Mail, message: Message) -> str:
    """Send by SMTP. With STARTTLS or TLS the server's certificate must be valid, and there is no fallback to clear."""
    letter = EmailMessage(policy=SMTP)
    letter["Subject"], letter["From"], letter["To"] = message.subject, mail.sender, ", ".join(mail.recipients)
    letter["Date"] = format_datetime(datetime.now(UTC))
    letter["Message-ID"] = f"<{message.message_id}@{mail.sender.partition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    letter.set_content(message.text)
    server = f"{mail.host}:{mail.port}"
    try:
        with _connect(mail) as connection:
            if mail.login_file:
                user, password, *_ = [*_lines(mail.login_file), "", ""]
                connection.login(user, password)
            refused = connection.send_message(letter)
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        why = f"{server} refused every recipient ({', '.join(map(str, sorted(codes)))})"
        raise NotSentError(why, may_try_again=min(codes) < PERMANENT) from None
    except smtplib.SMTPResponseException as error:
        why = f"{server} answered {error.smtp_code} ({type(error).__name__})"
        raise NotSentError(why, may_try_again=error.smtp_code < PERMANENT) from None
    except smtplib.SMTPNotSupportedError:
        raise NotSentError(f"{server} offers no {mail.security} or login", may_try_again=False) from None
    except smtplib.SMTPException as error:
        raise NotSentError(f"{server}: {type(error).__name__}", may_try_again=True) from None
    except OSError as error:
        raise _unreachable(server, error) from None
    except UnicodeError:
        raise NotSentError(f"{server}: the login or an address is not plain ASCII", may_try_again=False) from None
    return f"{server} refused {len(refused)} of {len(mail.recipients)} recipients" if refused else ""


def _connect(mail: Mail) -> smtplib.SMTP:
    if mail.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=TIMEOUT_SECONDS, context=context)
    connection = smtplib.SMTP(mail.host, mail.port, timeout=TIMEOUT_SECONDS)
    if mail.security == "starttls":
        try:
            connection.starttls(context=ssl.create_default_context())
        except (OSError, smtplib.SMTPException):
            connection.close()
            raise
    return connection


def post(webhook: Webhook, message: Message) -> str:
    """Post the message's facts as JSON. A redirect is an error: the address itself must answer with 2xx."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "joinedup",
        "Idempotency-Key": message.message_id,
    }
    try:
        if webhook.token_file:
            headers["Authorization"] = f"Bearer {''.join(_lines(webhook.token_file)[:1])}"
        body = json.dumps(message.facts).encode()
        request = urllib.request.Request(webhook.address, data=body, headers=headers, method="POST")  # noqa: S310
        opener = urllib.request.build_opener(_NoRedirect)
        with opener.open(request, timeout=TIMEOUT_SECONDS):
            return ""
    except urllib.error.HTTPError as error:
        with error:
            why = f"{webhook.place} answered {error.code}"
            raise NotSentError(why, may_try_again=error.code in TRY_AGAIN) from None
    except urllib.error.URLError as error:
        reason = error.reason if isinstance(error.reason, OSError) else OSError(str(error.reason))
        raise _unreachable(webhook.place, reason) from None
    except OSError as error:
        raise _unreachable(webhook.place, error) from None
    except http.client.HTTPException as error:
        raise NotSentError(f"{webhook.place}: {type(error).__name__}", may_try_again=True) from None
    except UnicodeError:
        raise NotSentError(
            f"{webhook.place}: the token or the address is not plain ASCII", may_try_again=False
        ) from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """urllib would turn a redirected POST into a GET, and a success that delivers nothing."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _unreachable(place: str, error: OSError) -> NotSentError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return NotSentError(f"{place} has a certificate that does not hold", may_try_again=False)
    known = error.strerror or type(error).__name__
    return NotSentError(f"{place} cannot be reached ({known})", may_try_again=True)


def _lines(path: Path) -> list[str]:
    """Return the lines of a secret's file; an error names the file alone."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise NotSentError(f"the secret file {path.name} cannot be read", may_try_again=False) from None
