"""A warehouse larger than the memory that it may use is built all the same, with the rest on disk."""

import pytest

from orchestration.bench.warehouse_crowd import write_crowd
from tests.support.warehouse_build import build_warehouse

PEOPLE = 20_000
TOO_LITTLE = "150MB"
"""Of memory, for so many people: what is joined and sorted goes to disk."""


def test_a_warehouse_that_does_not_fit_in_memory_is_built(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path_factory.mktemp("spilling")
    write_crowd(home, PEOPLE)
    monkeypatch.setenv("JOINEDUP_WAREHOUSE_MEMORY", TOO_LITTLE)
    built = build_warehouse(home, select="+fct_exit +fct_person_period", tested=False)
    assert set(built.outcomes.values()) == {"success"}
    ((users,),) = built.rows("select count(distinct person_key) from marts.fct_person_period where period_code = 'all'")
    assert 0.9 * PEOPLE < users <= PEOPLE
