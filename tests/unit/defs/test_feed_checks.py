"""Every check of the registry is an asset check of a feed, with figures that an engineer can act on."""

from pathlib import Path

import dagster as dg

from orchestration.defs.feed_checks import check_results, feed_checks, quality_metadata, telling_checks
from orchestration.feeds.checks import registry
from orchestration.feeds.receipts import read_receipts
from tests.support.deliveries import ITEMS, as_csv, deliver, ingest, make_contract, make_settings, row

KEY = dg.AssetKey(["feed", "debt_advice"])


def test_every_check_is_an_asset_check_unless_the_contract_switches_it_off(tmp_path: Path) -> None:
    contract = make_contract(checks={"person_unknown": "off", "no_rows": "refuse_delivery"})
    specs = {spec.name: spec for spec in feed_checks(make_settings(tmp_path), contract, KEY).check_specs}
    assert set(specs) == set(registry()) - {"person_unknown"}
    assert specs["no_rows"].metadata == {"dimension": "completeness", "severity": "refuse_delivery"}


def test_a_result_says_how_many_rows_of_which_column_and_how_it_was_before(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-02_20250305.csv", as_csv([row(1)]))
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(2, Sex="x"), row(3, start="")]))
    ingest(settings)
    receipts = read_receipts(settings, "debt_advice")
    results = {result.check_name: result for result in check_results(KEY, make_contract(), receipts)}
    assert set(results) == set(registry())
    told = results["code_not_in_list"]
    assert (told.passed, told.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert results["required_missing"].severity == dg.AssetCheckSeverity.ERROR
    assert results["episodes_overlap"].passed
    figures = {name: value.value for name, value in told.metadata.items()}
    assert (figures["rows"], figures["delivered"], figures["example_rows"]) == (1, 6, "1")
    assert figures["by_period"] == {"2025-02": 0, "2025-03": 1}
    assert figures["where"] == "column 'Sex' (sex)"
    assert {key.name for key in telling_checks(settings, make_contract(), KEY)} == {
        "code_not_in_list",
        "required_missing",
    }


def test_the_checks_run_in_part_or_all_together(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(2, Sex="x")]))
    ingest(settings)
    job = dg.Definitions(
        assets=[dg.AssetSpec(KEY)], asset_checks=[feed_checks(settings, make_contract(), KEY)]
    ).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        wanted = telling_checks(settings, make_contract(), KEY)
        part = job.get_subset(asset_check_selection=wanted).execute_in_process(instance=instance)
        assert {e.check_name for e in part.get_asset_check_evaluations()} == {"code_not_in_list"}
        whole = job.execute_in_process(instance=instance)
        assert len(whole.get_asset_check_evaluations()) == len(registry())


def test_quality_names_the_worst_field_beside_the_mean(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(n, Token="") for n in range(4)]))
    ingest(settings)
    told = quality_metadata(make_contract(), read_receipts(settings, "debt_advice"), frozenset(ITEMS))
    assert told["quality/completeness"].endswith("worst person.tok_nhs 0.0%")
    assert told["quality/uniqueness"] == "100.0%"
    assert quality_metadata(make_contract(), [], frozenset()) == {}
