"""The red team's campaign: every attack succeeds on the weak engines and is held off by ours."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from orchestration.errors import ReleaseError
from orchestration.redteam import campaign
from orchestration.redteam.attacks import nested_cells
from orchestration.redteam.campaign import ATTACKS, Result, run_attack
from orchestration.redteam.command import run_red_team
from orchestration.redteam.field import Field
from orchestration.redteam.population import Population
from orchestration.redteam.report import (
    BROKEN,
    HELD,
    LIMITED,
    TOOTHLESS,
    UNTRIED,
    as_page,
    as_record,
    is_passed,
    verdict,
)
from orchestration.redteam.trial import OURS, Attack, Trial
from orchestration.redteam.weak import TEN, ExactAboveNine
from orchestration.release.engine import Protection
from orchestration.settings import repository_root

TRIED_ON_A_STRICT_POLICY = {
    "nested-cells", "subtraction", "hidden-cells", "periods", "linear-programming", "next-month", "asking-again",
}  # fmt: skip
DAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    with Field(tmp_path_factory.mktemp("campaign")) as ready:
        yield ready


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.key)
def test_an_attack_succeeds_on_weak_engines_and_is_held_off_by_ours(field: Field, attack: Attack) -> None:
    result = run_attack(attack, field)
    assert [trial for trial in result.trials if not trial.is_met] == []
    assert {trial.is_ours for trial in result.trials} == {True, False}


@pytest.fixture(scope="module")
def strict_field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    with Field(tmp_path_factory.mktemp("strict"), policy="public") as ready:
        yield ready


@pytest.mark.parametrize(
    "attack",
    [attack for attack in ATTACKS if attack.key in TRIED_ON_A_STRICT_POLICY],
    ids=lambda attack: attack.key,
)
def test_an_attack_proves_itself_on_a_stricter_policy_too(strict_field: Field, attack: Attack) -> None:
    assert strict_field.policy.threshold > TEN
    result = run_attack(attack, strict_field)
    assert [trial for trial in result.trials if not trial.is_met] == []


def test_attacks_have_keys_and_titles_of_their_own() -> None:
    assert len({attack.key for attack in ATTACKS}) == len({attack.title for attack in ATTACKS}) == len(ATTACKS) >= 17


def test_an_attack_that_succeeds_against_the_products_engine_is_told(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unprotected(_self: Population, *, secret: bytes | None = None) -> Protection:
        return ExactAboveNine()

    monkeypatch.setattr(Population, "ours", unprotected)
    result = run_attack(nested_cells.ATTACK, field)
    assert result.has_teeth
    assert not result.is_held_off
    assert verdict(result) == BROKEN


def trial(engine: str, value: float, *, cases: int = 9) -> Trial:
    return Trial(engine, "claims", value, "at most", 0, cases, 5)


def result(*trials: Trial, limits: str = "") -> Result:
    return Result(Attack("key", "<Title>", "Story.", lambda _field: list(trials), limits), trials, 0.5)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (result(trial("weak", 0), trial(OURS, 0)), HELD),
        (result(trial("weak", 0), trial(OURS, 0), limits="A limit."), LIMITED),
        (result(trial("weak", 0), trial(OURS, 1)), BROKEN),
        (result(trial("weak", 0), trial(OURS, 0, cases=4)), UNTRIED),
        (result(trial("weak", 0), trial(OURS, 1, cases=4)), BROKEN),
        (result(trial("weak", 1), trial(OURS, 0)), TOOTHLESS),
        (result(trial("weak", 0)), BROKEN),
    ],
)
def test_the_verdict_follows_from_the_trials(found: Result, expected: str) -> None:
    assert verdict(found) == expected
    assert is_passed([found]) == (expected in {HELD, LIMITED})


def test_a_missed_aim_is_told_though_the_limit_is_met() -> None:
    missed = Trial(OURS, "claims", 0.16, "at most", 0.2, 9, 5, 0.05)
    assert missed.is_met and missed.misses_its_aim
    page = as_page([result(trial("weak", 0), missed, limits="A limit.")], scale=1, made_on=DAY)
    assert "<td>0.05: missed</td>" in page
    assert "missed</td>" not in as_page([result(trial("weak", 0), trial(OURS, 0))], scale=1, made_on=DAY)


def test_a_campaign_without_attacks_passes_nothing() -> None:
    assert not is_passed([])


def test_the_page_tells_what_the_record_tells_and_escapes_texts() -> None:
    found = [result(trial("weak", 0), trial(OURS, 0), limits="A limit.")]
    page = as_page(found, scale=1, made_on=DAY)
    assert "&lt;Title&gt;" in page
    assert "<Title>" not in page
    assert "A limit." in page
    assert "23 November 2026" in page
    record = as_record(found, scale=1, made_on=DAY)
    assert record["passed"] is True
    assert page.count("<tr class=") == 2
    assert not re.search(r"\$[a-z]", page)


@pytest.mark.parametrize(("value", "exit_code"), [(0, 0), (1, 1)])
def test_the_record_is_written_and_the_exit_code_tells(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    value: float,
    exit_code: int,
) -> None:
    found = Attack("one", "One", "Story.", lambda _field: [trial("weak", 0), trial(OURS, value)])
    monkeypatch.setattr(campaign, "ATTACKS", (found,))
    assert run_red_team(out=tmp_path / "record", as_json=True) == exit_code
    record = json.loads((tmp_path / "record" / "red-team.json").read_text())
    assert record == json.loads(capsys.readouterr().out)
    assert record["passed"] == (exit_code == 0)
    assert (tmp_path / "record" / "red-team.html").exists()


def test_the_command_runs_one_attack_and_touches_no_running_data(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from orchestration.cli import main; main()", "red-team"]
    done = subprocess.run(
        [*command, "--attack", "amounts", "--out", str(tmp_path / "record"), "--json"],
        env={**os.environ, "JOINEDUP_HOME": str(tmp_path / "home")},
        cwd=repository_root(),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert [one["key"] for one in json.loads(done.stdout)["attacks"]] == ["amounts"]
    assert not (tmp_path / "home").exists()


def test_an_attack_that_does_not_exist_is_refused_with_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="nested-cells"):
        run_red_team(out=tmp_path, attacks=["guessing"])


def test_a_policy_that_the_area_does_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="dashboard, public, sensitive"):
        run_red_team(out=tmp_path, policy="none")


def test_the_areas_own_policy_is_what_is_attacked(tmp_path: Path) -> None:
    area = tmp_path / "own_area"
    area.mkdir()
    dashboard = "{threshold: 30, sensitive_threshold: 40, rounding_base: 10}"
    policies = (
        f"release_policies: {{dashboard: {dashboard}, public: {{threshold: 30}}, sensitive: {{rounding_base: 10}}}}"
    )
    head = "name: Somewhere\nreporting: {first_month: 2024-04, months: 12}\n"
    (area / "area.yaml").write_text(f"{head}{policies}\n", encoding="utf-8")
    with Field(tmp_path / "field", area_dir=area) as field:
        assert (field.policy.threshold, field.policy.rounding_base) == (30, 10)
        population = field.population(people=1500, seed=5)
        shown = population.published(population.ours(), ("service",))
    assert shown
    assert all(figure >= 30 and figure % 10 == 0 for figure in shown.values())
    run_red_team(out=tmp_path / "record", attacks=["amounts"], area_dir=area)
    record = json.loads((tmp_path / "record" / "red-team.json").read_text())
    assert (record["area"], record["threshold"]) == ("own_area", 30)
