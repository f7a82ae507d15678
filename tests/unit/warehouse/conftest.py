"""The warehouse of four people, built once with every test of the dbt project; and one of a crowd of referrals."""

import pytest

from tests.support.warehouse_build import Warehouse, build_warehouse
from tests.support.warehouse_people import write_four_people
from tests.support.warehouse_referrals import write_referrals


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The warehouse of `tests.support.warehouse_people`, built with data tests and unit tests."""
    home = tmp_path_factory.mktemp("four_people")
    write_four_people(home)
    return build_warehouse(home)


@pytest.fixture(scope="session")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The measures of 400 people at random, with the data tests of the measures."""
    home = tmp_path_factory.mktemp("crowd")
    write_referrals(home, 400, seed=11)
    build_warehouse(home, select="+marts.measures +fct_flow", tested=False)
    built = build_warehouse(home, command="test", select="marts.measures,test_type:data")
    assert {name: status for name, status in built.outcomes.items() if status != "pass"} == {}
    return built
