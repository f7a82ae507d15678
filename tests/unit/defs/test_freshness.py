"""A feed's freshness policy passes while its cadence and grace last and then fails, by Dagster's own judgement."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions import freshness_evaluator
from dagster._core.definitions.freshness import FreshnessState
from dagster._core.loader import LoadingContextForTest

from orchestration.area import load_area
from orchestration.defs.feeds import feed_asset, feed_key
from orchestration.defs.instance import prepare_instance
from orchestration.settings import Settings
from tests.support.deliveries import as_csv, deliver, row
from tests.unit.governance.test_rebuild import write_area

KEY = feed_key("debt_advice")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(area_dir=tmp_path / "area", home=tmp_path / "var", today="2025-04-20")
    found.make_folders()
    write_area(found.area_dir)
    deliver(found, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    prepare_instance(found)
    return found


def test_a_feed_is_fresh_for_its_cadence_and_grace_and_not_longer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    area = load_area(settings.area_dir, today=settings.today)
    contract = area.contracts["debt_advice"]
    definitions = dg.Definitions(assets=[feed_asset(settings, area, contract)], executor=dg.in_process_executor)
    node = definitions.resolve_asset_graph().get(KEY)
    evaluator = freshness_evaluator.FRESHNESS_EVALUATORS_BY_POLICY_TYPE[type(node.freshness_policy)]()
    window = timedelta(days=31 + contract.delivery.late_after_days)

    def judged(after: timedelta) -> FreshnessState:
        monkeypatch.setattr(freshness_evaluator, "get_current_timestamp", lambda: time.time() + after.total_seconds())
        return asyncio.run(evaluator.evaluate_freshness(context=LoadingContextForTest(instance), node=node))

    with dg.DagsterInstance.ephemeral() as instance:
        assert judged(timedelta()) == FreshnessState.UNKNOWN
        definitions.resolve_implicit_global_asset_job_def().execute_in_process(instance=instance)
        assert judged(timedelta()) == FreshnessState.PASS
        assert judged(window - timedelta(hours=1)) == FreshnessState.PASS
        assert judged(window + timedelta(hours=1)) == FreshnessState.FAIL
