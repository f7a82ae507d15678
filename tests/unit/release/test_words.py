"""Words: every measure and dimension has them, and the reference page is written from them."""

from orchestration.release import words
from orchestration.release.lattice import AGE_GROUP_OF, DIMENSIONS, MEASURES
from orchestration.release.reference import measures_page
from orchestration.settings import repository_root


def test_every_measure_and_dimension_has_words_and_none_is_left_over() -> None:
    assert set(words.MEASURES) == set(MEASURES)
    assert set(words.DIMENSIONS) == set(DIMENSIONS)


def test_every_age_band_nests_in_an_age_group() -> None:
    assert tuple(code for code, _label in words.AGE_BAND) == tuple(AGE_GROUP_OF)
    assert {code for code, _label in words.AGE_GROUP} == set(AGE_GROUP_OF.values())


def test_the_reference_page_is_what_the_words_say() -> None:
    page = (repository_root() / "docs" / "reference" / "measures.md").read_text(encoding="utf-8")
    assert page == measures_page(), (
        "write it again: python -m orchestration.release.reference > docs/reference/measures.md"
    )
