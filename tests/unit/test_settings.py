"""Settings come from the environment once, and say what is wrong with it."""

import stat
from pathlib import Path

import pytest

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
