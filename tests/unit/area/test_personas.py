"""A persona is read, turned into rules, and refused with file, line and key; the how-to holds."""

import re
from pathlib import Path

import polars as pl
import pytest

from orchestration.area.directory import Directory
from orchestration.area.personas import persona_tables, read_personas
from orchestration.errors import AreaPackError
from orchestration.settings import repository_root

PAGE = repository_root() / "docs" / "how-to" / "add-a-persona.md"
DIRECTORY = Directory(
    organizations=pl.DataFrame({"id": ["o"]}),
    services=pl.DataFrame({"id": ["debt_advice", "coaching", "course"], "theme": ["money", "work", "work"]}),
    needs=pl.DataFrame({"need_code": ["financial_stability"], "service_theme": ["money"]}),
    unit_costs=pl.DataFrame(),
    comparisons=pl.DataFrame(),
    external_totals=pl.DataFrame(),
)
WHOLE = """id: between_jobs
name: Between jobs
situation: Out of work again.
cohort:
  ages: {from: 18, to: 66}
  services:
    all_of: [debt_advice]
    any_of: [coaching, course]
    none_of: [course]
  needs:
    none_of: [financial_stability]
  sequence: [debt_advice, coaching]
not_known:
  - Whether work was wanted
"""


def _write(folder: Path, text: str, *, kind: str = "personas", name: str = "one") -> Path:
    path = folder / kind / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_rule_becomes_clauses_that_must_all_hold(tmp_path: Path) -> None:
    _write(tmp_path, WHOLE)
    tables = persona_tables(read_personas(tmp_path, DIRECTORY))
    rows = tables["persona_rules"].select("clause_no", "feature_kind", "feature_code", "is_refused", "step_no").rows()
    assert rows == [
        (1, "service", "debt_advice", False, 0),
        (2, "service", "coaching", False, 0),
        (2, "service", "course", False, 0),
        (3, "service", "course", True, 0),
        (4, "need", "financial_stability", True, 0),
        (5, "sequence", "debt_advice", False, 1),
        (5, "sequence", "coaching", False, 2),
    ]
    persona = tables["personas"].row(0, named=True)
    assert (persona["clause_count"], persona["age_from"], persona["age_to"]) == (3, 18, 66)
    assert tables["persona_lacks"].rows() == [("between_jobs", 1, "Whether work was wanted")]


def test_a_lens_is_a_persona_of_another_kind(tmp_path: Path) -> None:
    _write(tmp_path, WHOLE.replace("between_jobs", "work"), kind="lenses")
    _write(tmp_path, WHOLE)
    tables = persona_tables(read_personas(tmp_path, DIRECTORY))
    assert dict(tables["personas"].select("persona_id", "persona_kind").iter_rows()) == {
        "between_jobs": "persona",
        "work": "lens",
    }


def test_the_version_follows_the_rule_and_not_its_words(tmp_path: Path) -> None:
    versions = []
    for text in (WHOLE, WHOLE.replace("Out of work again", "Once more"), WHOLE.replace("to: 66", "to: 65")):
        _write(tmp_path, text)
        versions.append(read_personas(tmp_path, DIRECTORY)["between_jobs"][1].version)
    assert versions[0] == versions[1] != versions[2]


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("any_of: [coaching", "any_of: [choaching", 8, "key 'cohort.services.any_of.0': 'choaching' is not"),
        ("none_of: [financial", "none_of: [fnancial", 11, "'fnancial_stability' is not in needs.csv"),
        ("sequence: [debt_advice, coaching]", "sequence: [debt_advice]", 12, "2 to 4 services"),
        ("from: 18, to: 66", "from: 70, to: 66", 5, "'from' (70) is above 'to' (66)"),
        ("    all_of:", "    al_of:", 7, "Did you mean 'all_of'?"),
        ("id: between_jobs", "id: Between jobs", 1, "key 'id'"),
    ],
)  # fmt: skip
def test_a_mistake_names_file_line_and_key(tmp_path: Path, old: str, new: str, line: int, told: str) -> None:
    path = _write(tmp_path, WHOLE.replace(old, new))
    with pytest.raises(AreaPackError) as refused:
        read_personas(tmp_path, DIRECTORY)
    assert f"{path}, line {line}" in str(refused.value)
    assert told in str(refused.value)


def test_a_rule_that_only_shuts_out_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, "id: a\nname: A\nsituation: S\ncohort:\n  services: {none_of: [course]}\n")
    with pytest.raises(AreaPackError, match="something that its people have"):
        read_personas(tmp_path, DIRECTORY)


def test_two_files_of_one_id_are_refused(tmp_path: Path) -> None:
    _write(tmp_path, WHOLE)
    path = _write(tmp_path, WHOLE, name="two")
    with pytest.raises(AreaPackError, match="'between_jobs' is the id of another file") as refused:
        read_personas(tmp_path, DIRECTORY)
    assert str(path) in str(refused.value)


def test_the_how_to_adds_a_persona(tmp_path: Path) -> None:
    """Follow the page: its file is read with the demo area's services, and its fault is told as it says."""
    from orchestration.area.directory import read_directory

    page = PAGE.read_text(encoding="utf-8")
    (persona,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (fault,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    directory = read_directory(repository_root() / "seeds" / "demo_area")
    _write(tmp_path, persona, name="losing_home_and_work")
    _, found = read_personas(tmp_path, directory)["losing_home_and_work"]
    assert found.cohort.sequence and found.not_known
    path = _write(tmp_path, persona.replace("debt_advice", "dept_advice"), name="losing_home_and_work")
    with pytest.raises(AreaPackError) as refused:
        read_personas(tmp_path, directory)
    assert fault.strip() in str(refused.value).replace(str(path.parent), "personas")
