"""The documents say what is so now: agreements by their state, figures by the gate, tests by their records."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.audit import audit_of
from orchestration.audit.reading import search
from orchestration.defs.documents import keep_documents
from orchestration.documents import KINDS, write_documents
from orchestration.documents.basis import Basis, gather
from orchestration.documents.dpia import dpia
from orchestration.documents.flow import flow, stage_rows
from orchestration.documents.for_residents import public_page
from orchestration.documents.measures import UNTESTED, risks
from orchestration.documents.page import as_html
from orchestration.documents.pdf import as_pdf
from orchestration.errors import ConfigurationError, HomeError, JoinedUpError
from orchestration.release import Gate, Refused, Request
from orchestration.settings import Settings, repository_root
from tests.support.snapshot import make_snapshot


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("documents")
    made = make_snapshot(home, people=2000, seed=3)
    pack = home / "pack"
    shutil.copytree(repository_root() / "seeds" / "demo_area", pack)
    return replace(made, area_dir=pack)


@pytest.fixture(scope="module")
def pages(settings: Settings) -> dict[str, str]:
    written = write_documents(settings, with_pdf=False)
    return {path.stem: path.read_text(encoding="utf-8") for path in written}


def test_there_is_one_document_of_each_kind_and_one_for_each_agreement(pages: dict[str, str]) -> None:
    agreements = {path.stem for path in (repository_root() / "seeds" / "demo_area" / "agreements").glob("*.yaml")}
    others = {"article-30-record", "dpia-pack", "privacy-notice", "public-page"}
    assert set(pages) == others | {f"agreement-{one}" for one in agreements}


@pytest.mark.parametrize(
    "kind", ["article-30-record", "dpia-pack", "privacy-notice", "public-page", "agreement-isa-10-police"]
)
def test_a_page_is_semantic_and_fetches_nothing(pages: dict[str, str], kind: str) -> None:
    page = pages[kind]
    assert '<html lang="en-GB">' in page
    assert page.count("<h1>") == 1
    assert page.count("<main>") == page.count("<header>") == page.count("<footer>") == 1
    assert "@media print" in page
    assert page.count("<caption>") == page.count("<table>") > 0
    assert "<th>" not in page
    assert not re.search(r"<(script|link|img|iframe)|(src|href)=|url\(|@import", page)


def test_the_record_names_each_agreement_with_its_state_basis_and_keeping(
    settings: Settings, pages: dict[str, str]
) -> None:
    basis = gather(settings)
    for agreement in basis.agreements():
        assert agreement.title in pages["article-30-record"]
        assert agreement.legal_power.replace("'", "&#x27;") in pages["article-30-record"]
    assert "not in force: draft" in pages["article-30-record"]
    assert "Criminal offences: DPA 2018 Schedule 1, paragraph 6." in pages["article-30-record"]


def test_what_has_ended_is_not_said_to_be_in_force_nor_in_the_privacy_notice(settings: Settings) -> None:
    later = gather(replace(settings, today="2031-01-01"))
    (record,) = KINDS["article-30"](later)
    (notice,) = KINDS["privacy-notice"](later)
    assert "not in force: ended 30 June 2028" in as_html(record)
    assert "in force</td>" not in as_html(record)
    assert "Under each agreement in force: none." in as_html(notice)


def test_a_change_of_an_agreement_changes_its_schedule(settings: Settings, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(settings.area_dir, pack)
    path = pack / "agreements" / "isa-10-police.yaml"
    path.write_text(path.read_text().replace("      - sex\n", "").replace("status: signed", "status: suspended"))
    found = {d.name: as_html(d) for d in KINDS["agreements"](gather(replace(settings, area_dir=pack)))}
    assert "This agreement is suspended" in found["agreement-isa-10-police"]
    assert " sex," not in found["agreement-isa-10-police"]
    assert " sex," in found["agreement-isa-01-housing"]


def test_the_number_of_people_is_the_gates_under_the_public_policy(settings: Settings, pages: dict[str, str]) -> None:
    gate = Gate(settings)
    year = gate.catalogue().periods_of("year")[-1]
    figure = gate.answer(Request(measure="people", period=year.code, policy="public")).total
    assert figure is not None
    assert f"about {figure:,} people" in pages["public-page"]
    assert f"about {figure:,} people" in pages["dpia-pack"]
    asked = list(search(audit_of(settings).folder, who="documents", kinds=["release_seen"]))
    assert {(record["policy"], record["outcome"]) for record in asked} == {("public", "answered")}


def test_a_figure_that_the_gate_refuses_is_said_to_be_hidden(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise Refused("too few")

    monkeypatch.setattr(Gate, "answer", refuse)
    page = as_html(public_page(gather(settings)))
    assert "cannot be shown at present" in page
    assert "Records of about" not in page


def test_before_anything_is_published_the_documents_say_so(settings: Settings, tmp_path: Path) -> None:
    basis = gather(Settings(area_dir=settings.area_dir, home=tmp_path))
    assert basis.gate is None
    assert "Nothing has been published yet." in as_html(dpia(basis))
    assert "The audit log is empty." in as_html(dpia(basis))


RECORD = {
    "made_on": "2026-10-01", "passed": False, "policy": "dashboard", "scale": 1,
    "attacks": [
        {"title": "Subtraction", "verdict": "held off", "limits": ""},
        {"title": "Tracing", "verdict": "SUCCEEDED", "limits": "one in ten"},
    ],
}  # fmt: skip


def test_the_red_teams_record_is_in_the_pack_and_its_absence_is_said(settings: Settings, tmp_path: Path) -> None:
    assert "NOT TESTED HERE" in as_html(dpia(gather(settings)))
    (tmp_path / "red-team.json").write_text(json.dumps(RECORD))
    for named in (tmp_path, tmp_path / "red-team.json"):
        page = as_html(dpia(gather(settings, red_team=named)))
        assert "NOT TESTED HERE" not in page
        assert "2 attacks on 2026-10-01: NOT PASSED; 1 succeeded or proved nothing." in page
        assert "one in ten" in page
    before, failed = (risks(gather(settings, red_team=named))[0][-1] for named in (None, tmp_path))
    (tmp_path / "red-team.json").write_text(json.dumps(RECORD | {"passed": True}))
    passed = risks(gather(settings, red_team=tmp_path))[0][-1]
    assert (before, failed, passed) == (UNTESTED, UNTESTED, "remote; severe")
    (tmp_path / "red-team.json").write_text("{")
    with pytest.raises(JoinedUpError, match="cannot be read"):
        gather(settings, red_team=tmp_path)


def test_a_damaged_audit_log_is_told_in_the_pack(settings: Settings, tmp_path: Path) -> None:
    home = Settings(area_dir=settings.area_dir, home=tmp_path)
    for _ in range(3):
        audit_of(home).record("rollback", who="x", snapshot="s")
    assert "3 records, whole and in order" in as_html(dpia(gather(home)))
    (path,) = (tmp_path / "state" / "audit").glob("*.jsonl")
    path.write_bytes(path.read_bytes().replace(b'"snapshot":"s"', b'"snapshot":"t"', 1))
    assert "NOT whole" in as_html(dpia(gather(home)))


def test_the_flow_is_drawn_from_the_recorded_lineage(settings: Settings) -> None:
    basis = gather(settings)
    assert basis.lineage is None
    assert "drawn in outline" in as_html(dpia(basis))
    assets = [
        {"key": "feed/debt_advice", "made_of": []},
        {"key": "in_force/person", "made_of": ["feed/debt_advice"]},
        {"key": "sifting/one", "made_of": ["in_force/person"]},
        {"key": "sifting/two", "made_of": ["sifting/one"]},
        {"key": "published/snapshot", "made_of": ["sifting/two"]},
    ]
    real = replace(basis, lineage={"assets": assets})
    svg, alternative = flow(real)
    assert "Rows in force, then Sifting, then Snapshot" in alternative
    assert "Linkage" not in svg
    assert ["Sifting", "Rows in force", "2 tables", "not described"] in stage_rows(real)
    assert "drawn in outline" not in as_html(dpia(real))


def test_decisions_that_it_led_to_are_told_and_their_absence_too(settings: Settings, pages: dict[str, str]) -> None:
    assert "One letter about help with council tax" in pages["public-page"]
    assert "not looked at yet" in pages["public-page"]
    basis = gather(settings)
    assert "No decision has been recorded yet" in as_html(public_page(replace(basis, led_to=basis.led_to.clear())))


def test_every_text_is_escaped(settings: Settings, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(settings.area_dir, pack)
    path = pack / "agreements" / "isa-01-housing.yaml"
    path.write_text(path.read_text().replace("title: Housing options", 'title: <script>alert("x")</script> & options'))
    basis = gather(replace(settings, area_dir=pack))
    for documents in KINDS.values():
        for document in documents(basis):
            assert "<script" not in as_html(document)
            assert as_pdf(document, author="x", at=basis.at).startswith(b"%PDF")


def test_a_pdf_is_pdf_ua_and_the_same_bytes_for_the_same_content(settings: Settings) -> None:
    basis: Basis = gather(settings)
    once, twice = (as_pdf(dpia(basis), author="x", at=basis.at) for _ in range(2))
    assert once == twice
    assert b"pdfuaid:part>1<" in once or b'pdfuaid:part="1"' in once


def test_only_what_is_named_is_written_and_what_there_is_not_is_an_error(settings: Settings, tmp_path: Path) -> None:
    written = write_documents(settings, out=tmp_path / "out", only=["public-page"])
    assert sorted(path.name for path in written) == ["public-page.html", "public-page.pdf"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["public-page.html", "public-page.pdf"]
    with pytest.raises(ConfigurationError, match="There is no document 'novel'"):
        write_documents(settings, only=["novel"])
    (tmp_path / "file").write_text("")
    with pytest.raises(HomeError, match="--out"):
        write_documents(settings, out=tmp_path / "file", only=["public-page"])


def test_a_refresh_writes_them_again_only_when_they_would_say_something_else(
    settings: Settings, tmp_path: Path
) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(settings.area_dir, pack)
    home = Settings(area_dir=pack, home=tmp_path / "home")
    home.make_folders()
    area = gather(home).area
    assert [keep_documents(home, area) for _ in range(2)] == [True, False]
    (pack / "decisions.csv").unlink()
    assert [keep_documents(home, area) for _ in range(2)] == [True, False]
    (home.reports / "red-team.json").write_text(json.dumps(RECORD))
    assert [keep_documents(home, area) for _ in range(2)] == [True, False]
    shutil.rmtree(home.reports / "documents")
    assert keep_documents(home, area) is True
