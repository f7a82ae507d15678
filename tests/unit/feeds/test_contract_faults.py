"""Validation of contracts prints everything that is wrong, each fault with its file, line and key."""

import shutil
from pathlib import Path

import pytest

from orchestration.feeds.contract_faults import pack_faults
from orchestration.settings import repository_root


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    shutil.copytree(repository_root() / "seeds" / "demo_area", folder)
    return folder


def errors(pack: Path, only: Path | None = None) -> list[str]:
    return [fault.text for fault in pack_faults(pack, only=only) if fault.severity == "error"]


def change(pack: Path, old: str, new: str, name: str = "debt_advice") -> Path:
    path = pack / "feeds" / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_the_demo_pack_has_no_error(pack: Path) -> None:
    assert errors(pack) == []


def test_notes_tell_what_is_mapped_and_not_agreed(pack: Path) -> None:
    notes = [fault.text for fault in pack_faults(pack) if fault.severity == "note"]
    assert any("jobcentre_claims.yaml" in note and "item 'ethnicity' is not agreed" in note for note in notes)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("sex: {from: Gender", "sx: {from: Gender", "columns.sx': not a field of person. Did you mean 'sex'?"),
        ("      source_ref: {from: Client no, required: true}\n", "", "columns': source_ref must be mapped"),
        ("crosswalk: sex_words", "crosswalk: sex_word", "crosswalk': no list 'sex_word'. Did you mean 'sex_words'?"),
        ("Debt: debt_advice", "Debt: dept_advice", "codes.Debt': 'dept_advice' is no code of service_id. Did you mean"),
        ("formats: ['%Y-%m']", "formats: ['%q']", "formats.0': '%q' is no date format"),
        ("partner: tidewell_citizens_advice", "partner: tidewell_citizen_advice", "'partner': not an id in organiz"),
        ("files:\n", "checks: {end_befor_start: off}\nfiles:\n", "Did you mean 'end_before_start'?"),
        ("  main:\n", "  main:\n    encoding: utf-9\n", "files.main.encoding': 'utf-9' is no encoding"),
        ("ignored: [Adviser team]", "ignored: [Gender]", "files.main.ignored': column 'Gender' is mapped"),
        ("  main:\n", "  more: {pattern: x}\n  main:\n", ""),
        ("sex: {from: Gender", "sex: {from: FINISH", "columns.sex.from': still says FINISH"),
    ],
)
def test_a_fault_is_told_with_its_key(pack: Path, old: str, new: str, told: str) -> None:
    path = change(pack, old, new)
    found = errors(pack)
    if not told:
        assert found == []
        return
    assert any(told in text and str(path) in text and ", line " in text for text in found), found


def test_a_period_feed_needs_its_period_in_the_name(pack: Path) -> None:
    change(pack, "(?P<period>\\d{4}-Q\\d)", "\\d{4}-Q\\d", "adult_social_care")
    assert any("files.main.pattern': mode: period needs a group" in text for text in errors(pack))


def test_faults_of_several_files_are_told_at_once(pack: Path) -> None:
    change(pack, "mode: append", "mode: sometimes")
    change(pack, "mode: append", "mode: never", "police_youth")
    agreement = pack / "agreements" / "isa-01-housing.yaml"
    agreement.write_text(agreement.read_text(encoding="utf-8").replace("status: signed", "status: maybe"), "utf-8")
    found = "\n".join(errors(pack))
    assert all(name in found for name in ("debt_advice.yaml", "police_youth.yaml", "isa-01-housing.yaml"))


def test_a_fault_of_a_version_is_told_in_its_own_file(pack: Path) -> None:
    later = pack / "feeds" / "debt_advice.2026-01-01.yaml"
    later.write_text("entities:\n  person:\n    columns:\n      sex: {crosswalk: sex_word}\n", encoding="utf-8")
    (found,) = errors(pack)
    assert found.startswith(f"{later}, line 4, key 'entities.person.columns.sex.crosswalk'")


def test_one_contract_is_judged_alone_with_its_versions(pack: Path) -> None:
    change(pack, "mode: append", "mode: never", "police_youth")
    path = pack / "feeds" / "debt_advice.yaml"
    assert errors(pack, path) == []
    later = pack / "feeds" / "debt_advice.2026-01-01.yaml"
    later.write_text("colour: blue\n", encoding="utf-8")
    assert len(errors(pack, path)) == len(errors(pack, later)) == 1


def test_a_contract_outside_the_pack_is_judged_by_the_pack(pack: Path, tmp_path: Path) -> None:
    path = change(pack, "Debt: debt_advice", "Debt: dept_advice")
    elsewhere = tmp_path / "draft.yaml"
    elsewhere.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (found,) = errors(pack, elsewhere)
    assert "'dept_advice' is no code of service_id" in found


def test_what_only_the_whole_pack_can_tell_is_told(pack: Path) -> None:
    (pack / "feeds" / "again.yaml").write_text((pack / "feeds" / "debt_advice.yaml").read_text("utf-8"), "utf-8")
    assert any("is already used by another file" in text for text in errors(pack))


def test_what_is_no_yaml_is_one_fault(pack: Path) -> None:
    path = change(pack, "feed:", "feed: [")
    assert len(errors(pack, path)) == 1
