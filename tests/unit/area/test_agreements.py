"""An agreement holds together or is refused with file, line, key and what is allowed; its life has allowed moves."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.area import Agreement, load_area
from orchestration.area.agreement_faults import Vocabulary, advice, check_agreement
from orchestration.area.agreements import MOVES, Status
from orchestration.area.items import DATA_ITEMS
from orchestration.area.permission import permits
from orchestration.errors import AreaPackError
from orchestration.feeds.canonical import ITEMS
from orchestration.settings import repository_root
from tests.support.deliveries import make_agreement

TODAY = date(2026, 10, 20)
SECTORS = {"advice_centre": "voluntary", "council": "council", "force": "police", "trust": "nhs", "po": "probation"}
WORDS = Vocabulary(sectors=SECTORS, contracts={})
PLAIN = {"debt_advice": {"items": ["sex"]}}
BASIS = {"article_6": "6(1)(e) public task"}


def faults(tmp_path: Path, words: Vocabulary = WORDS, **changes: Any) -> str:
    """Return what is wrong with the usual agreement under changes; empty where nothing is."""
    agreement = make_agreement(**changes)
    path = tmp_path / "isa.yaml"
    path.write_text(yaml.safe_dump(agreement.model_dump(mode="json"), sort_keys=False), encoding="utf-8")
    try:
        check_agreement(path, agreement, words)
    except AreaPackError as error:
        return str(error)
    return ""


def parties(*names: str, role: str = "controller") -> list[dict[str, str]]:
    return [{"organization_id": name, "role": role} for name in names]


def signed(*names: str) -> list[dict[str, Any]]:
    return [{"organization_id": name, "role": "Owner", "signed_on": date(2023, 12, 1)} for name in names]


def between(*names: str, **more: Any) -> dict[str, Any]:
    return {"parties": parties(*names), "signatories": signed(*names), "feeds": PLAIN, **more}


@pytest.mark.parametrize(
    ("changes", "key", "said"),
    [
        ({"signatories": []}, "signatories", "advice_centre (controller) has not signed"),
        ({"signatories": signed("council")}, "signatories", "advice_centre (controller) has not signed"),
        ({"lawful_basis": BASIS}, "lawful_basis", "ethnicity is special-category data: name the condition"),
        ({"lawful_basis": {**BASIS, "article_9": "9(2)(h) care"}}, "lawful_basis.article_9", "key 'schedule_1'"),
        (between("force", "council", lawful_basis=BASIS), "lawful_basis", "data of force (police) tell of offences"),
        (between("po", "council", lawful_basis=BASIS), "lawful_basis", "data of po (probation) tell of offences"),
        (between("trust", "council", lawful_basis=BASIS), "lawful_basis", "data of trust are special-category"),
        ({"purposes": ["servce_design"]}, "purposes.0", "Did you mean 'service_design'?"),
        ({"purposes": ["zzz"]}, "purposes.0", "Allowed: commissioning, evaluation, research"),
        ({"audiences": ["leader", "readers"]}, "audiences.1", "no role of this area"),
        ({"release_policy": "open"}, "release_policy", "Allowed: dashboard, public, sensitive."),
        ({"feeds": {"debt_advice": {"items": ["etnicity"]}}}, "feeds.debt_advice.items.0", "Did you mean 'ethnicity'?"),
        ({"retention": {"default_months": 121}}, "retention.default_months", "than this area keeps anything (120"),
        ({"retention": {"default_months": 12, "items": {"sex": 13}}}, "retention.items.sex", "not from 1 to 12"),
        ({"retention": {"items": {"needs": 12}}}, "retention.items.needs", "is not an item of this agreement"),
        ({"parties": [*parties("council"), *parties("stranger")]}, "parties.1.organization_id", "organizations.csv"),
        ({"parties": parties("council", "council")}, "parties.1.organization_id", "a party twice"),
        ({"parties": parties("council", "force", role="recipient"), "feeds": PLAIN}, "parties", "is a controller"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_file_line_key_and_remedy(
    tmp_path: Path, changes: dict[str, Any], key: str, said: str
) -> None:
    found = faults(tmp_path, **changes)
    assert f"isa.yaml, line " in found  # noqa: F541
    assert f"key '{key}': " in found
    assert said in found


@pytest.mark.parametrize(
    "changes",
    [
        {},
        between("force", "council", lawful_basis={**BASIS, "criminal_offence": "DPA 2018 Schedule 1, paragraph 6"}),
        between("trust", "council"),
        between("advice_centre", "council", lawful_basis=BASIS),
        {"status": "draft", "signatories": []},
        {"retention": {"default_months": 120, "items": {"sex": 120}}},
        {"audiences": ["public"], "purposes": ["evaluation"], "release_policy": "sensitive"},
    ],
)
def test_what_holds_together_is_accepted(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert faults(tmp_path, **changes) == ""


def moves(*steps: tuple[Status, int], digest: str = "0" * 16) -> list[dict[str, Any]]:
    return [
        {"day": date(2023, 1, day), "to": to, "version": version, "digest": digest if to == "signed" else None}
        for day, (to, version) in enumerate(steps, start=1)
    ]


SIGNED: tuple[tuple[Status, int], ...] = (("draft", 1), ("in_review", 1), ("signed", 1))


@pytest.mark.parametrize("first", MOVES)
@pytest.mark.parametrize("second", MOVES)
def test_the_life_of_an_agreement_has_only_the_moves_that_are_allowed(
    tmp_path: Path, first: Status, second: Status
) -> None:
    ways: dict[Status, tuple[tuple[Status, int], ...]] = {
        "draft": (("draft", 1),),
        "in_review": (("draft", 1), ("in_review", 1)),
        "signed": SIGNED,
        "suspended": (*SIGNED, ("suspended", 1)),
        "expired": (*SIGNED, ("expired", 1)),
        "ended": (*SIGNED, ("ended", 1)),
    }
    found = faults(tmp_path, status=second, history=moves(*ways[first], (second, 1)))
    assert ("cannot become" in found) is (second not in MOVES[first])


@pytest.mark.parametrize(
    ("history", "version", "status", "said"),
    [
        (moves(("signed", 1)), 1, "signed", "a new version cannot become 'signed'; allowed: draft, in_review"),
        (moves(*SIGNED, ("ended", 1)), 1, "signed", "is signed, but the history ends with 'ended' of version 1"),
        (moves(*SIGNED), 2, "signed", "add the move to signed of version 2"),
        (moves(*SIGNED, ("in_review", 2), ("signed", 2)), 1, "signed", "versions only rise"),
        (moves(*SIGNED, ("in_review", 2), ("draft", 1)), 2, "draft", "version 1 comes after version 2"),
        (list(reversed(moves(*SIGNED))), 1, "signed", "the newest stands last"),
        (moves(*SIGNED, digest=""), 1, "signed", "records what was signed: add digest"),
        (moves(*SIGNED, ("in_review", 2), ("signed", 2)), 2, "signed", ""),
        (moves(*SIGNED), 1, "suspended", ""),
        (moves(*SIGNED), 1, "ended", ""),
    ],
)
def test_a_version_rises_and_opening_the_gate_is_recorded_while_a_stop_needs_no_ceremony(
    tmp_path: Path, history: list[dict[str, Any]], version: int, status: str, said: str
) -> None:
    found = faults(tmp_path, history=history, version=version, status=status)
    assert said in found
    assert bool(said) is bool(found)


def with_digest(version: int = 1, **changes: Any) -> Agreement:
    """Return an agreement whose history records the content as signed, then changed."""
    digest = make_agreement(version=version).digest
    return make_agreement(version=version, history=moves(*SIGNED, digest=digest), **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"purposes": ["service_design", "research"]},
        {"audiences": ["public"]},
        {"release_policy": "public"},
        {"retention": {"default_months": 73}},
        {"expires_on": date(2029, 12, 31)},
        {"feeds": {"debt_advice": {"items": ["sex", "needs"]}}},
        {"legal_power": "another"},
        {"parties": parties("advice_centre", "force")},
        {"on_expiry": "keep"},
    ],
)
def test_content_that_was_changed_after_it_was_signed_permits_nothing_until_it_is_signed_again(
    changes: dict[str, Any],
) -> None:
    agreement = with_digest(**changes)
    decision = permits(agreement, "debt_advice", today=TODAY)
    assert (decision.allowed, decision.may_keep, decision.items) == (False, False, frozenset())
    assert "has changed since it was signed" in decision.reason
    assert any("is not what was signed, version 1" in line for line in advice(agreement))
    again = agreement.model_copy(update={"version": 2})
    renewed = Agreement.model_validate(
        again.model_dump(mode="json")
        | {"history": [*moves(*SIGNED), *moves(("in_review", 2), ("signed", 2), digest=again.digest)]}
    )
    assert permits(renewed, "debt_advice", today=TODAY).allowed


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"notes": "moved to another shelf"},
        {"review_on": date(2027, 1, 1)},
        {"signatories": signed("council", "advice_centre", "force")},
        {"audiences": ["governance", "leader", "engineer", "designer"]},
    ],
)
def test_what_nobody_signs_may_change_without_a_new_version(changes: dict[str, Any]) -> None:
    assert permits(with_digest(**changes), "debt_advice", today=TODAY).allowed


def test_a_changed_agreement_cannot_keep_rows_by_a_word_that_nobody_signed() -> None:
    changed = with_digest(on_expiry="keep")
    assert not permits(changed, "debt_advice", today=date(2028, 1, 1)).may_keep


def test_the_named_items_are_those_of_the_canonical_fields() -> None:
    assert set(DATA_ITEMS) == set(ITEMS.values())


def test_every_faulty_agreement_of_a_pack_is_told_at_once(tmp_path: Path) -> None:
    shutil.copytree(repository_root() / "seeds" / "demo_area", tmp_path / "area")
    for name, old, new in (
        ("isa-10-police", "  criminal_offence: DPA 2018 Schedule 1, paragraph 6\n", ""),
        ("isa-06-mental-health", "release_policy: dashboard", "release_policy: dashbord"),
    ):
        path = tmp_path / "area" / "agreements" / f"{name}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(AreaPackError) as caught:
        load_area(tmp_path / "area")
    assert "isa-10-police.yaml, line 13, key 'lawful_basis': data of tidewell_police (police)" in str(caught.value)
    assert "isa-06-mental-health.yaml" in str(caught.value)
    assert "'dashbord' is no release policy. Did you mean 'dashboard'?" in str(caught.value)
