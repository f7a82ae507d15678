"""Release policies of an area pack: faults with file, line and key; looser numbers by recorded decision only."""

from pathlib import Path

import pytest

from orchestration.area import load_area
from orchestration.area.policies import release_policies
from orchestration.errors import AreaPackError, ReleaseError
from orchestration.release.policy import POLICIES, Policy, policies_of
from orchestration.settings import repository_root

HEAD = "name: Somewhere\nreporting: {first_month: 2024-04, months: 12}\nrelease_policies:\n"
DECISION = "  decisions:\n    D-7: {taken_on: 2026-05-01, taken_by: Data protection officer, reason: Staff only.}\n"


def pack(folder: Path, text: str) -> Path:
    (folder / "area.yaml").write_text(HEAD + text, encoding="utf-8")
    return folder


def test_a_pack_that_says_nothing_has_the_measured_policies(tmp_path: Path) -> None:
    (tmp_path / "area.yaml").write_text("name: Somewhere\n")
    assert policies_of(release_policies(tmp_path)) == POLICIES
    assert {name: policy.threshold for name, policy in POLICIES.items()} == {
        "dashboard": 10,
        "public": 20,
        "sensitive": 20,
    }


@pytest.mark.parametrize(
    ("text", "line", "key", "fault"),
    [
        ("  dashboard:\n    treshold: 20\n", 5, "dashboard.treshold", "Did you mean 'threshold'?"),
        ("  dashboard:\n    threshold: 9\n", 5, "dashboard.threshold", "greater than or equal to 10"),
        ("  dashboard:\n    most_attributes: 4\n", 5, "dashboard.most_attributes", "less than or equal to 3"),
        ("  dashboard:\n    smallest_base: 50\n", 5, "dashboard.smallest_base", "looser than what was measured"),
        ("  dashboard:\n    largest_hidden_share: 0.9\n", 5, "dashboard.largest_hidden_share", "recorded decision"),
        ("  sensitive:\n    threshold: 15\n", 5, "sensitive.threshold", "recorded decision"),
        ("  public:\n    threshold: 25\n", 4, "public.rounding_base", "multiples"),
        ("  public:\n    decision: D-8\n", 5, "public.decision", "'D-8' is not recorded"),
        ("  dashboard:\n    threshold: 40\n", 4, "dashboard.sensitive_threshold", "at least the threshold"),
        ("  swapping: {others: 0.01}\n", 4, "swapping", "recorded decision"),
    ],
)
def test_a_fault_is_told_with_file_line_and_key(tmp_path: Path, text: str, line: int, key: str, fault: str) -> None:
    with pytest.raises(AreaPackError) as caught:
        release_policies(pack(tmp_path, text))
    message = str(caught.value)
    assert f"area.yaml, line {line}" in message
    assert key in message
    assert fault in message


def test_a_looser_number_is_allowed_by_a_recorded_decision_that_travels_with_it(tmp_path: Path) -> None:
    text = "  dashboard: {smallest_base: 50, decision: D-7}\n" + DECISION
    policy = policies_of(release_policies(pack(tmp_path, text)))["dashboard"]
    assert policy.loosened == ("smallest_base",)
    assert policy.decision == "D-7 of 2026-05-01, Data protection officer: Staff only."


def test_no_decision_lets_fewer_than_five_people_be_shown() -> None:
    with pytest.raises(ReleaseError, match="twice the largest noise"):
        Policy("dashboard", threshold=8, rounding_base=4, loosened=("threshold",), decision="D-7")
    with pytest.raises(ReleaseError, match="no recorded decision"):
        Policy("dashboard", smallest_base=50, loosened=("smallest_base",))


def test_no_policy_is_looser_on_sensitive_topics_than_the_sensitive_one(tmp_path: Path) -> None:
    text = "  sensitive: {threshold: 40, sensitive_threshold: 40}\n"
    policies = policies_of(release_policies(pack(tmp_path, text)))
    assert {policy.sensitive_threshold for policy in policies.values()} == {40}


def test_the_topics_of_the_demo_area_are_services_and_themes_that_it_has() -> None:
    policies = load_area(repository_root() / "seeds" / "demo_area").profile.release_policies
    assert "substance" in policies.sensitive.themes
    assert "rough_sleeping_outreach" in policies.sensitive.services


def test_a_coarser_policys_figure_follows_from_the_finer_one() -> None:
    dashboard, public = POLICIES["dashboard"], POLICIES["public"]
    follows = {dashboard.round_count(count): public.round_count(count) for count in range(20, 500)}
    assert all(public.round_count(count) == follows[dashboard.round_count(count)] for count in range(20, 500))
    errors = [public.round_count(count) - count for count in range(100, 300)]
    assert abs(sum(errors) / len(errors)) < 0.2
    assert max(map(abs, errors)) <= 7


def test_rounding_bases_that_do_not_nest_are_refused(tmp_path: Path) -> None:
    text = "  public: {threshold: 21, sensitive_threshold: 35, rounding_base: 7}\n"
    with pytest.raises(AreaPackError, match="must be a multiple of 5"):
        release_policies(pack(tmp_path, text))
