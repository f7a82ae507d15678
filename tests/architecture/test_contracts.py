"""The architecture is held by tests: imports, and the graph of assets."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.area import load_area
from orchestration.definitions import build_definitions
from orchestration.settings import Settings, repository_root

ROOT = repository_root()
SNAPSHOT = Path(__file__).parent / "asset_keys.txt"


def test_the_import_contracts_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_only_settings_reads_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for folder in ("orchestration", "dashboards", "seeds")
        for path in (ROOT / folder).rglob("*.py")
        if "os.environ" in path.read_text(encoding="utf-8")
    }
    sets_for_polars = "orchestration/__init__.py"
    assert readers <= {"orchestration/settings.py", "orchestration/processes.py", sets_for_polars}


def test_no_further_top_level_package() -> None:
    packages = {path.parent.name for path in ROOT.glob("[a-z]*/__init__.py")}
    assert packages <= {"orchestration", "dashboards", "seeds", "tests"}


@pytest.fixture(scope="module")
def demo_definitions(tmp_path_factory: pytest.TempPathFactory):
    settings = Settings(area_dir=ROOT / "seeds" / "demo_area", home=tmp_path_factory.mktemp("plan"))
    settings.make_folders()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("JOINEDUP_AREA", "JOINEDUP_HOME", "DAGSTER_HOME"):
            patch.setenv(name, "")
        return build_definitions(settings, load_area(settings.area_dir))


def test_the_graph_of_assets_is_the_recorded_one(demo_definitions) -> None:
    """Change asset_keys.txt in the same commit as the graph; the failure prints the new list."""
    graph = demo_definitions.resolve_asset_graph()
    found = sorted("/".join(key.path) for key in graph.get_all_asset_keys())
    assert found == SNAPSHOT.read_text(encoding="utf-8").split(), json.dumps(found, indent=0)


def test_every_feed_has_an_arrival_sensor_and_checks(demo_definitions) -> None:
    feeds = {path.stem for path in (ROOT / "seeds" / "demo_area" / "feeds").glob("*.yaml")}
    alerting = {"alert_on_failure", "alert_when_mended", "alert_on_lateness"}
    assert {sensor.name for sensor in demo_definitions.sensors} == {f"{feed}_arrivals" for feed in feeds} | alerting
    checked = {key.asset_key.path[-1] for key in demo_definitions.resolve_asset_graph().asset_check_keys}
    assert feeds <= checked


def test_every_serving_table_leads_to_the_snapshot(demo_definitions) -> None:
    graph = demo_definitions.resolve_asset_graph()
    snapshot = next(key for key in graph.get_all_asset_keys() if key.path == ["published", "snapshot"])
    serving = {key for key in graph.get_all_asset_keys() if key.path[:2] == ["warehouse", "serving"]}
    assert serving and serving <= set(graph.get(snapshot).parent_keys)
