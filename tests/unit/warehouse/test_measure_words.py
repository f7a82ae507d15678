"""Every measure says what it is, once; the page of the statistics is written from there."""

from orchestration.release.words import MEASURES as SERVED
from tests.support.measure_pages import PAGE, measures, page
from tests.support.warehouse_build import PROJECT

WORDS = {"label", "unit", "universe", "age_date", "definition", "caveats"}
UNITS = {
    "people",
    "households",
    "residents",
    "referrals",
    "episodes",
    "exits",
    "services",
    "cases",
    "pairs of services",
    "moves",
    "pounds",
    "totals",
    "lacks",
}


def test_every_measure_has_all_its_words_and_a_unit_of_the_product() -> None:
    tables = {path.stem for path in (PROJECT / "models" / "marts" / "measures").glob("mart_*.sql")}
    assert set(measures()) == tables
    assert {name: WORDS ^ set(words) for name, words in measures().items() if WORDS ^ set(words)} == {}
    assert {words["unit"] for words in measures().values()} <= UNITS
    assert all(words["caveats"] for words in measures().values())


def test_no_measure_is_described_in_two_places() -> None:
    labels = [words["label"] for words in measures().values()] + [words.label for words in SERVED.values()]
    assert len(labels) == len(set(labels))
    assert not set(measures()) & set(SERVED)


def test_the_page_of_the_statistics_is_written_from_the_words() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
