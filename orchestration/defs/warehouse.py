"""The dbt project as Dagster assets: every model an asset, every dbt test an asset check."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, redirect_stdout
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from orchestration import progress
from orchestration.area import Area
from orchestration.defs.build_file import whole_build
from orchestration.defs.dbt_offline import dbt_resource, dbt_variables, manifest, run_target
from orchestration.defs.due import turn
from orchestration.defs.retries import retried
from orchestration.settings import Settings

NOT_DATA = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "exposure")
"""dbt's unit tests judge the models, not a delivery: the test suite runs them, a refresh does not. Exposures say who
reads, and are no work."""


class WarehouseTranslator(DagsterDbtTranslator):
    """Names assets warehouse/<layer>/<model> and groups them by layer."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        declared = dbt_resource_props.get("config", {}).get("meta", {}).get("dagster", {}) or dbt_resource_props.get(
            "meta", {}
        ).get("dagster", {})
        if declared.get("asset_key"):
            return dg.AssetKey(declared["asset_key"])
        return dg.AssetKey(["warehouse", layer(dbt_resource_props), dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return f"warehouse_{layer(dbt_resource_props)}"


def layer(properties: Mapping[str, Any]) -> str:
    """Return the layer of a dbt node: its first folder (staging, intermediate, marts, serving) or 'reference'."""
    if properties["resource_type"] == "seed":
        return "reference"
    return str(properties["fqn"][1])


def warehouse_assets(settings: Settings, area: Area) -> dg.AssetsDefinition:
    """Return the assets of the dbt project, run with the area's rules as variables."""

    @dbt_assets(
        manifest=manifest(settings, area),
        name="warehouse",
        dagster_dbt_translator=WarehouseTranslator(
            settings=DagsterDbtTranslatorSettings(
                enable_source_tests_as_checks=True, enable_duplicate_source_asset_keys=True
            )
        ),
    )
    def warehouse(context: dg.AssetExecutionContext) -> Iterator[Any]:
        progress.report("Building the warehouse (dbt models and their tests)")
        settings.make_folders()
        # Part of the models may be asked for in Dagster: they go on from the file as it stands.
        file = nullcontext() if context.is_subset else whole_build(settings, area)
        with retried(context), turn(settings), file, _own_log(settings):
            invocation = dbt_resource().cli(
                ["build", *NOT_DATA, "--vars", dbt_variables(area)],
                context=context,
                target_path=run_target(settings, context.run.run_id),
            )
            yield from invocation.stream()

    return warehouse


@contextmanager
def _own_log(settings: Settings) -> Iterator[None]:
    """Keep dbt's lines off the screen of whoever watches our progress; Dagster's daemon captures them itself."""
    if progress.listener() is None:
        yield
        return
    with (settings.warehouse / "dbt.log").open("w", encoding="utf-8") as log, redirect_stdout(log):
        yield
