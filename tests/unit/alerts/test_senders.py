"""Messages arrive at a real mail server and a real webhook, or it is said why not, without a secret."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.alerts import senders
from orchestration.alerts.messages import trial
from orchestration.alerts.senders import NotSentError, patiently, post, send_mail
from orchestration.channels import Mail, Webhook
from tests.support.receivers import Hook, Mailbox, mail_server, make_certificate, web_server

MESSAGE = trial("Thornmere Zürich")
PASSWORD = "correct-horse-battery"


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusted(tls: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    monkeypatch.setenv("SSL_CERT_FILE", str(tls[0]))
    return tls[1]


def mail(box: Mailbox, **changes: object) -> Mail:
    values = {"host": "127.0.0.1", "port": box.port, "sender": "joinedup@example.org", "security": "none"}
    return Mail(**{**values, "recipients": ("a@example.org", "b@example.org"), **changes})  # type: ignore[arg-type]


def at_once(waits: list[float] | None = None):
    return (waits if waits is not None else []).append


def test_a_message_arrives_at_a_mail_server() -> None:
    with mail_server(Mailbox()) as box:
        assert send_mail(mail(box), MESSAGE) == ""
    (letter,) = box.letters
    assert letter["Subject"] == "Joined Up, Thornmere Zürich: trial message"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "Nothing is wrong" in letter.get_content()
    assert box.envelopes == [("joinedup@example.org", ("a@example.org", "b@example.org"))]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_travels_encrypted_and_logs_in(trusted: ssl.SSLContext, security: str, tmp_path: Path) -> None:
    login = tmp_path / "login"
    login.write_text(f"area\n{PASSWORD}\n", encoding="utf-8")
    box = Mailbox(context=trusted)
    with mail_server(box, implicit_tls=security == "tls"):
        send_mail(mail(box, security=security, login_file=login), MESSAGE)
    assert box.encrypted == [True]
    assert any(command.startswith("AUTH PLAIN") for command in box.commands)


def test_a_certificate_that_does_not_hold_sends_nothing(tls: tuple[Path, ssl.SSLContext]) -> None:
    box = Mailbox(context=tls[1])
    with mail_server(box), pytest.raises(NotSentError, match="certificate that does not hold") as told:
        send_mail(mail(box, security="starttls"), MESSAGE)
    assert (box.letters, told.value.may_try_again) == ([], False)


def test_a_server_without_starttls_is_never_sent_to_in_clear(trusted: ssl.SSLContext) -> None:
    box = Mailbox(context=trusted, offers_starttls=False)
    with mail_server(box), pytest.raises(NotSentError, match="offers no starttls"):
        send_mail(mail(box, security="starttls"), MESSAGE)
    assert box.letters == []


def test_a_server_that_is_busy_is_asked_again_with_growing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(senders, "FIRST_WAIT_SECONDS", 1.0)
    waits: list[float] = []
    with mail_server(Mailbox(answers=["451 later", "451 later"])) as box:
        patiently(lambda message: send_mail(mail(box), message), MESSAGE, pause=waits.append)
    assert len(box.letters) == 1
    assert 0.5 <= waits[0] <= 1.5 and 1.0 <= waits[1] <= 3.0


def test_a_server_that_refuses_for_good_is_asked_once() -> None:
    with mail_server(Mailbox(answers=["554 no", "554 no"])) as box, pytest.raises(NotSentError, match="answered 554"):
        patiently(lambda message: send_mail(mail(box), message), MESSAGE, pause=at_once())
    assert box.answers == ["554 no"]


def test_a_recipient_that_is_refused_stops_no_other_and_is_told() -> None:
    with mail_server(Mailbox(refused=("b@example.org",))) as box:
        assert "refused 1 of 2 recipients" in send_mail(mail(box), MESSAGE)
        assert box.envelopes[0][1] == ("a@example.org",)
        with pytest.raises(NotSentError, match="refused every recipient"):
            send_mail(mail(box, recipients=("b@example.org",)), MESSAGE)


def test_a_mail_server_that_is_down_is_told_by_its_place() -> None:
    with mail_server(Mailbox()) as box:
        gone = mail(box)
    with pytest.raises(NotSentError, match=f"127.0.0.1:{gone.port} cannot be reached") as told:
        send_mail(gone, MESSAGE)
    assert told.value.may_try_again


def test_a_message_arrives_at_a_webhook_with_its_token(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(f"{PASSWORD}\n", encoding="utf-8")
    with web_server(Hook()) as hook:
        assert post(Webhook(hook.address, token), MESSAGE) == ""
    assert hook.posts[0]["subject"] == MESSAGE.subject
    assert hook.headers[0]["Authorization"] == f"Bearer {PASSWORD}"
    assert hook.headers[0]["Idempotency-Key"] == MESSAGE.message_id


def test_a_webhook_that_fails_for_a_moment_is_asked_again() -> None:
    with web_server(Hook(answers=[503, 429])) as hook:
        patiently(lambda message: post(Webhook(hook.address), message), MESSAGE, pause=at_once())
    assert (len(hook.posts), hook.asked) == (1, 3)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 410])
def test_a_webhook_that_refuses_or_redirects_is_asked_once(status: int) -> None:
    hook = Hook(answers=[status, status])
    with web_server(hook), pytest.raises(NotSentError, match=f"127.0.0.1 answered {status}") as told:
        patiently(lambda message: post(Webhook(hook.address), message), MESSAGE, pause=at_once())
    assert (hook.posts, hook.asked) == ([], 1)
    assert "secret" not in str(told.value)


def test_no_error_and_no_settings_show_a_secret(tmp_path: Path) -> None:
    with web_server(Hook()) as hook:
        gone = Webhook(hook.address, tmp_path / "missing-token")
    with pytest.raises(NotSentError, match="secret file missing-token cannot be read"):
        post(gone, MESSAGE)
    with pytest.raises(NotSentError, match="cannot be reached") as told:
        post(Webhook(hook.address), MESSAGE)
    assert "secret-path" not in f"{told.value!r} {gone!r}"
