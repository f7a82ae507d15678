"""Nothing is done on the word of one of several people who share a token, linked or not yet."""

from pathlib import Path

import polars as pl
import pytest

from orchestration.area import Contract
from orchestration.errors import GovernanceError
from orchestration.feeds.token_bridges import put_bridge
from orchestration.rights.forgetting import forget
from orchestration.rights.marks import FORGOTTEN, OBJECTIONS, add_to_list, read_list, record_marks
from orchestration.rights.objecting import import_objections, object_to
from orchestration.rights.searching import search_home
from orchestration.settings import Settings
from tests.support.deliveries import (
    HEADER,
    TODAY,
    as_csv,
    deliver,
    ingest,
    make_contract,
    make_settings,
    row,
    token,
)

FAMILY, FORMER = "f" * 32, "e" * 32
NOBODY = pl.DataFrame(schema={"feed": pl.String, "source_ref": pl.String})


def contract() -> Contract:
    entities = make_contract().model_dump(by_alias=True)["entities"]
    entities["person"]["columns"]["tok_surname_postcode"] = "Family"
    return make_contract(entities=entities)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return a home in which three people are known, the first two of one family."""
    made = make_settings(tmp_path)
    rows = [row(1, Family=FAMILY), row(2, Family=FAMILY), row(3, Family="a" * 32)]
    deliver(made, "debt_2025-03_20250405.csv", as_csv(rows, header=(*HEADER, "Family")))
    ingest(made, contract())
    return made


def link(settings: Settings, **keys: str) -> None:
    rows = {"feed": "debt_advice", "source_ref": list(keys), "person_key": list(keys.values())}
    pl.DataFrame(rows).write_parquet(settings.linkage / "key_registry.parquet")


def test_relatives_who_are_linked_are_told_as_two_people(settings: Settings) -> None:
    link(settings, P1="one", P2="two", P3="three")
    with pytest.raises(GovernanceError, match="belongs to 2 people"):
        forget(settings, [FAMILY], today=TODAY)
    with pytest.raises(GovernanceError, match="Token 2 of the list may be of several people"):
        object_to(settings, [token(4), FAMILY], purpose="service_design", today=TODAY)
    assert read_list(settings, FORGOTTEN).is_empty()
    assert read_list(settings, OBJECTIONS).is_empty()


@pytest.mark.parametrize("keys", [{}, {"P1": "one"}, {"P3": "three"}])
def test_a_relative_who_is_not_linked_yet_is_thought_of(settings: Settings, keys: dict[str, str]) -> None:
    if keys:
        link(settings, **keys)
    with pytest.raises(GovernanceError, match=r"not linked yet.*`joinedup refresh` first"):
        forget(settings, [FAMILY], today=TODAY)
    with pytest.raises(GovernanceError, match="not linked yet"):
        object_to(settings, [FAMILY], purpose="service_design", today=TODAY)
    assert read_list(settings, FORGOTTEN).is_empty()


def test_a_former_token_of_relatives_is_as_shared_as_the_newer(settings: Settings) -> None:
    link(settings, P1="one", P2="two", P3="three")
    pairs = pl.DataFrame({"kind": ["tok_surname_postcode"], "previous": [FORMER], "current": [FAMILY]})
    put_bridge(settings, "debt_advice", "0" * 16, pairs)
    with pytest.raises(GovernanceError, match="Token 1 of the list"):
        import_objections(settings, {"service_design": [FORMER]}, today=TODAY)


def test_what_one_person_alone_has_is_enough_before_anything_is_linked(settings: Settings) -> None:
    assert object_to(settings, [token(2)], purpose="service_design", today=TODAY) == 1
    assert object_to(settings, ["0" * 40], purpose="service_design", today=TODAY) == 1  # may come later
    assert forget(settings, [token(2)], today=TODAY).records == 1


def test_a_list_is_taken_whole_or_not_at_all(settings: Settings) -> None:
    link(settings, P1="one", P2="two", P3="three")
    with pytest.raises(GovernanceError, match="Token 2 of the list"):
        import_objections(settings, {"service_design": [token(4)], "research": [FAMILY]}, today=TODAY)
    assert read_list(settings, OBJECTIONS).is_empty()
    assert import_objections(settings, {"service_design": [token(4)], "research": [token(3)]}, today=TODAY) == 2


def test_after_a_kill_somebody_is_searched_for_by_marks_alone(settings: Settings) -> None:
    assert search_home(settings, [], NOBODY).found == []
    marks = record_marks(settings, "debt_advice", pl.Series("source_ref", ["P1"])).to_list()
    add_to_list(settings, FORGOTTEN, records=marks, request="r", since=TODAY)
    found = search_home(settings, [], NOBODY).found
    assert [Path(name).name.partition("-")[0] for name in found] == ["episode", "person"]
