"""Settings come from the environment once, and say what is wrong with it."""

import stat
from pathlib import Path

import pytest

from orchestration.channels import CHANNEL_VARIABLES, Channels
from orchestration.errors import ConfigurationError, HomeError
from orchestration.settings import Settings, load_settings


def test_a_port_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOINEDUP_PORT", "eighty")
    with pytest.raises(ConfigurationError, match="JOINEDUP_PORT is 'eighty'"):
        load_settings()


def test_an_argument_wins_over_its_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JOINEDUP_HOME", str(tmp_path / "other"))
    assert load_settings(home=tmp_path).home == tmp_path


def test_the_release_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(area_dir=tmp_path, home=tmp_path)
    first = settings.release_secret()
    assert settings.release_secret() == first
    assert stat.S_IMODE(settings.release_secret_file.stat().st_mode) == 0o600


def test_a_named_secret_that_is_missing_is_never_silently_replaced(tmp_path: Path) -> None:
    settings = Settings(area_dir=tmp_path, home=tmp_path, secret_file=tmp_path / "vault.key")
    with pytest.raises(ConfigurationError, match="restore it from your vault"):
        settings.release_secret()


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    path.write_text("abcd", encoding="ascii")
    with pytest.raises(ConfigurationError, match="at least 32 bytes"):
        Settings(area_dir=tmp_path, home=tmp_path, secret_file=path).release_secret()


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(HomeError, match="choose a folder you can write"):
        Settings(area_dir=tmp_path, home=tmp_path / "file" / "home").make_folders()


MAIL = {
    "JOINEDUP_ALERT_SMTP": "mail.example.org",
    "JOINEDUP_ALERT_FROM": "joinedup@example.org",
    "JOINEDUP_ALERT_TO": "a@example.org, b@example.org",
}


def channels(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> Channels:
    for name in CHANNEL_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings().channels


def test_nothing_leaves_the_area_unless_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert channels(monkeypatch, {}) == Channels(None, None)


def test_mail_is_protected_unless_it_is_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    mail = channels(monkeypatch, MAIL).mail
    assert mail is not None
    assert (mail.security, mail.port, mail.recipients) == ("starttls", 587, ("a@example.org", "b@example.org"))
    clear = channels(monkeypatch, MAIL | {"JOINEDUP_ALERT_SMTP_SECURITY": "none"}).mail
    assert clear is not None
    assert clear.port == 25


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"JOINEDUP_ALERT_SMTP": "mail.example.org"}, "JOINEDUP_ALERT_FROM is ''"),
        (MAIL | {"JOINEDUP_ALERT_TO": "everybody"}, "JOINEDUP_ALERT_TO is 'everybody'"),
        (MAIL | {"JOINEDUP_ALERT_TO": "a@example.org\nBcc: b@example.org"}, "JOINEDUP_ALERT_TO is"),
        (MAIL | {"JOINEDUP_ALERT_SMTP": "mail.example.org:many"}, "expected host or host:port"),
        (MAIL | {"JOINEDUP_ALERT_SMTP_SECURITY": "ssl"}, "expected starttls, tls, none"),
        (MAIL | {"JOINEDUP_ALERT_SMTP_LOGIN_FILE": "/no/such/file"}, "does not exist"),
        (MAIL | {"JOINEDUP_ALERT_SMTP_LOGIN_FILE": __file__, "JOINEDUP_ALERT_SMTP_SECURITY": "none"}, "in clear"),
        ({"JOINEDUP_ALERT_WEBHOOK": "file:///etc/passwd"}, "JOINEDUP_ALERT_WEBHOOK is not an address"),
        ({"JOINEDUP_ALERT_WEBHOOK": "https://"}, "JOINEDUP_ALERT_WEBHOOK is not an address"),
        ({"JOINEDUP_ALERT_WEBHOOK": "http://h/x", "JOINEDUP_ALERT_WEBHOOK_TOKEN_FILE": __file__}, "in clear"),
        ({"JOINEDUP_DAGSTER_URL": "javascript:alert(1)"}, "JOINEDUP_DAGSTER_URL is not an address"),
    ],
)
def test_a_channel_that_cannot_be_used_is_refused(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        channels(monkeypatch, variables)


def test_no_setting_shows_the_address_of_a_webhook_when_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    channels(monkeypatch, {"JOINEDUP_ALERT_WEBHOOK": "https://chat.example.org/hooks/s3cret"})
    assert "s3cret" not in repr(load_settings())
