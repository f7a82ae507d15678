"""The leadership report over a small published snapshot: accessible, repeatable, and nothing but published values."""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import page
import pytest

from orchestration.errors import ConfigurationError, HomeError, SnapshotError
from orchestration.release import Gate, ProtectedTable, Request
from orchestration.reports import leadership_report
from orchestration.reports.leadership import Reader, open_reader, report_content
from orchestration.settings import Settings
from tests.support.snapshot import make_snapshot

SVG_TEXT = "{http://www.w3.org/2000/svg}text"
NOT_COUNTS = (
    r"\d+ (January|February|March|April|May|June|July|August|September|October|November|December) \d{4}( \d\d:\d\d)?",
    r"\d{1,2} [A-Z][a-z]{2} \d{4}",
    r"(12 months to )?[A-Z][a-z]+ \d{4}",
    r"snapshot-\S+",
    r"\b(page|[Aa]bout) \d+( in \d+)?",
    r"\d+%",
    r"\bisa-\d+",
    r"[Aa]greement \d+",
)
COUNT = re.compile(r"\d[\d,]*")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_snapshot(tmp_path_factory.mktemp("report"), people=3000, seed=3)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_snapshot(tmp_path_factory.mktemp("tiny"), people=30, seed=3)


@pytest.fixture(scope="module")
def pdf(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return leadership_report(settings, out=tmp_path_factory.mktemp("out") / "report.pdf")


@pytest.fixture(scope="module")
def reader(settings: Settings) -> Reader:
    return open_reader(settings)


@pytest.fixture(scope="module")
def content(reader: Reader) -> dict[str, Any]:
    return report_content(reader)


def pages(pdf: Path) -> int:
    """Return how many pages a PDF has, from its page tree."""
    return max(int(count) for count in re.findall(rb"/Count (\d+)", pdf.read_bytes()))


def said(content: dict[str, Any]) -> Iterator[str]:
    """Yield the texts of the first page that may hold counts of people: headlines, findings, drawings."""
    for headline in content["headlines"]:
        yield headline["value"]
        yield headline["change"]
    for finding in content["findings"]:
        yield from finding
    for chart in content["charts"]:
        yield chart["finding"]
        for text in ET.fromstring(chart["drawing"]["svg"]).iter(SVG_TEXT):
            if text.get("class") != "axis":
                yield text.text or ""


def published(reader: Reader) -> set[int]:
    """Return every figure that the gate released for this report, and the sums that the report makes of them."""
    tables = reader.desk.asked
    values = {value for table in tables for *_codes, value in table.rows if isinstance(value, int)}
    totals = {table.total for table in tables if table.total is not None}
    sums = set()
    for table in tables:
        cells = {str(row[0]): row[-1] for row in table.rows if len(row) == 2 and isinstance(row[-1], int)}
        sums.add(sum(v for k, v in cells.items() if k in ("2", "3", "4+") and isinstance(v, int)))
        sums.add(sum(v for v in cells.values() if isinstance(v, int)))
    return values | totals | sums


@pytest.mark.parametrize("area", ["settings", "tiny"])
def test_the_report_passes_pdf_ua(area: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    out = leadership_report(request.getfixturevalue(area), out=tmp_path / "report.pdf")
    result = page.validate_pdf(str(out), profile=page.ValidationProfile.PDF_UA_1)
    assert [(failure.rule_id, failure.message) for failure in result.failures] == []
    assert result.is_compliant


@pytest.mark.parametrize("period", [None, "all", "2026-Q1", "2026-03", "Y2023"])
def test_the_report_has_two_pages_whatever_the_period(settings: Settings, period: str | None, tmp_path: Path) -> None:
    assert pages(leadership_report(settings, period=period, out=tmp_path / "report.pdf")) == 2


def test_the_same_snapshot_gives_the_same_bytes(settings: Settings, pdf: Path, tmp_path: Path) -> None:
    assert leadership_report(settings, out=tmp_path / "again.pdf").read_bytes() == pdf.read_bytes()


def test_the_newest_whole_year_is_the_period_when_none_is_given(content: dict[str, Any]) -> None:
    assert content["lead"].startswith("12 months to September 2026.")


def test_every_count_in_the_report_is_a_published_value(reader: Reader, content: dict[str, Any]) -> None:
    known, unknown = published(reader), []
    for text in said(content):
        plain = text
        for pattern in NOT_COUNTS:
            plain = re.sub(pattern, " ", plain)
        unknown += [(found, text) for found in COUNT.findall(plain) if int(found.replace(",", "")) not in known]
    assert unknown == []


def test_the_report_shows_counts_at_all(content: dict[str, Any]) -> None:
    assert sum(len(COUNT.findall(text)) for text in said(content)) > 40


def test_each_figure_of_a_chart_stands_in_its_alternative_text(content: dict[str, Any]) -> None:
    missing = []
    for chart in content["charts"]:
        for text in ET.fromstring(chart["drawing"]["svg"]).iter(SVG_TEXT):
            if text.get("class") != "axis" and re.fullmatch(r"[\d,]+", text.text or ""):
                missing += [text.text] if text.text not in chart["drawing"]["alternative"] else []
    assert missing == []


def test_each_drawing_in_the_report_has_an_alternative_text_of_its_own(content: dict[str, Any]) -> None:
    texts = [c["drawing"]["alternative"] for c in content["charts"]]
    texts += [h["spark"]["alternative"] for h in content["headlines"] if h["spark"]]
    assert len(texts) == len(set(texts)) >= 10


def test_there_are_at_most_six_headlines(content: dict[str, Any]) -> None:
    assert 3 <= len(content["headlines"]) <= 6


def test_a_feed_that_is_left_out_is_told_on_the_first_page(content: dict[str, Any]) -> None:
    assert content["notice"].startswith("Not in these figures: ")


def test_a_change_is_never_said_to_be_caused(content: dict[str, Any]) -> None:
    words = json.dumps(content["findings"]).lower()
    assert not re.search(r"because of|led to|thanks to|due to|caused|result of", words)


def test_a_tiny_population_is_hidden_and_says_so(tiny: Settings) -> None:
    content = report_content(open_reader(tiny))
    assert {h["value"] for h in content["headlines"][2:]} == {"Hidden"}
    assert "refused" in dict(content["doubts"])["Protection."]
    assert all(
        "Too few" in c["drawing"]["alternative"] or "hidden" in c["drawing"]["alternative"] for c in content["charts"]
    )


def test_a_period_without_a_previous_one_says_that_there_is_nothing_to_compare(reader: Reader) -> None:
    content = report_content(reader, code="Y2023")
    assert content["headlines"][0]["change"] == "No earlier period to compare with"


def test_an_unknown_period_is_refused_with_what_would_do(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no period 'Y1999'.*Y2025"):
        leadership_report(settings, period="Y1999", out=tmp_path / "report.pdf")


def test_nothing_published_is_said_and_leaves_no_file(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="Nothing is published"):
        leadership_report(replace(settings, home=tmp_path / "empty"), out=tmp_path / "report.pdf")
    assert not (tmp_path / "report.pdf").exists()


def test_a_file_that_cannot_be_written_is_a_clear_error(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(HomeError, match="Cannot write the report"):
        leadership_report(settings, out=tmp_path / "taken" / "report.pdf")


def test_a_period_in_which_nothing_happened_says_so(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        """A gate whose every answer is hidden."""

        def __init__(self, gate: Gate) -> None:
            self._gate = gate

        def __getattr__(self, name: str) -> Any:
            return getattr(self._gate, name)

        def answer(self, request: Request, *, who: str = "") -> ProtectedTable:
            table = self._gate.answer(request, who=who)
            return replace(table, rows=tuple((*row[:-1], None) for row in table.rows), total=None, at_least=())

    silent = replace(reader, desk=replace(reader.desk, gate=Silent(reader.desk.gate), asked=[], refused=[]))
    content = report_content(silent)
    assert "or none are in the data" in content["notice"]
    assert content["findings"] == []


def test_threads_write_the_same_report(settings: Settings, pdf: Path, tmp_path: Path) -> None:
    outs = [tmp_path / f"{number}.pdf" for number in range(3)]
    threads = [threading.Thread(target=leadership_report, args=(settings,), kwargs={"out": out}) for out in outs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {out.read_bytes() for out in outs} == {pdf.read_bytes()}
