"""Tokens: made once, kept as digests, ended by a day or by being revoked."""

from datetime import date, timedelta

import pytest

from orchestration.errors import ConfigurationError
from orchestration.release.access import PREFIX, Access, holder_of, new_token, revoke, tokens
from orchestration.settings import Settings

TODAY = date(2026, 11, 23)


@pytest.fixture
def home(tmp_path: object) -> Settings:
    return Settings(area_dir=tmp_path, home=tmp_path)  # type: ignore[arg-type]


def test_a_token_is_its_holders_until_its_last_day_is_over(home: Settings) -> None:
    token = new_token(home, "excel", policy="public", days=10, today=TODAY)
    last = TODAY + timedelta(days=10)
    assert token.startswith(PREFIX)
    assert holder_of(home, token, today=last) == Access("excel", "public", last) == tokens(home)[0]
    assert holder_of(home, token, today=last + timedelta(days=1)) is None
    assert holder_of(home, token[:-1], today=TODAY) is None
    assert holder_of(home, "", today=TODAY) is None


def test_only_the_digest_is_kept_and_only_for_its_owner(home: Settings) -> None:
    token = new_token(home, "excel", policy="dashboard", days=1, today=TODAY)
    path = home.state / "api_tokens.json"
    assert token.removeprefix(PREFIX) not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [kept.name for kept in home.state.iterdir()] == [path.name]


def test_a_revoked_token_ends_at_once_and_another_goes_on(home: Settings) -> None:
    one, other = (new_token(home, name, policy="dashboard", days=9, today=TODAY) for name in ("one", "other"))
    revoke(home, "one")
    assert holder_of(home, one, today=TODAY) is None
    assert holder_of(home, other, today=TODAY) is not None
    with pytest.raises(ConfigurationError, match="There are: other"):
        revoke(home, "one")


@pytest.mark.parametrize(
    ("name", "policy", "days", "said"),
    [
        ("Excel!", "dashboard", 1, "no name for a token"),
        ("excel", "lax", 1, "no release policy"),
        ("excel", "dashboard", 0, "1 to 730 days"),
        ("excel", "dashboard", 731, "1 to 730 days"),
        ("taken", "dashboard", 1, "already"),
    ],
)
def test_what_no_token_may_have_is_refused(home: Settings, name: str, policy: str, days: int, said: str) -> None:
    new_token(home, "taken", policy="dashboard", days=1, today=TODAY)
    with pytest.raises(ConfigurationError, match=said):
        new_token(home, name, policy=policy, days=days, today=TODAY)
    assert len(tokens(home)) == 1


def test_a_damaged_file_lets_nobody_in(home: Settings) -> None:
    new_token(home, "excel", policy="dashboard", days=1, today=TODAY)
    (home.state / "api_tokens.json").write_text("{")
    with pytest.raises(ConfigurationError, match="damaged"):
        holder_of(home, "x", today=TODAY)
