"""dbt knows who reads the serving layer, so that whoever changes a table sees which page it reaches."""

from importlib import import_module
from pkgutil import iter_modules

from dashboards import pages
from tests.support.warehouse_build import Warehouse


def test_every_page_is_an_exposure_under_its_own_name_and_path(warehouse: Warehouse) -> None:
    modules = [import_module(f"dashboards.pages.{found.name}") for found in iter_modules(pages.__path__)]
    offered = {(module.NAME, module.PATH) for module in modules if hasattr(module, "PATH")}
    exposures = warehouse.manifest["exposures"].values()
    assert len(offered) >= 7
    assert {(e["label"], e["config"]["meta"]["path"]) for e in exposures if e["type"] == "dashboard"} == offered


def test_every_serving_table_is_read_by_somebody_and_nothing_else_is(warehouse: Warehouse) -> None:
    read = {node for exposure in warehouse.manifest["exposures"].values() for node in exposure["depends_on"]["nodes"]}
    served = {
        node["unique_id"]
        for node in warehouse.manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == "serving"
    }
    assert read == served
