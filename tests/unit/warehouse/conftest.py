"""The warehouse of four people, built once with every test of the dbt project."""

import pytest

from tests.support.warehouse_build import Warehouse, build_warehouse
from tests.support.warehouse_people import write_four_people


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The warehouse of `tests.support.warehouse_people`, built with data tests and unit tests."""
    home = tmp_path_factory.mktemp("four_people")
    write_four_people(home)
    return build_warehouse(home)
