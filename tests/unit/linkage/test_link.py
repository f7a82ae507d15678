"""Claims of `link`: the tables it writes, that they are the same again, and that a second refresh keeps people."""

import datetime as dt
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from orchestration.area import Period
from orchestration.area.periods import periods
from orchestration.errors import LinkageError
from orchestration.linkage import link
from orchestration.linkage.evaluation import run_evaluate
from orchestration.settings import Settings
from tests.support.linkage_crowd import Crowd, make_crowd


@dataclass
class Place:
    """As much of an area as linkage asks for."""

    contracts: dict[str, Any] = field(default_factory=dict)
    geography: Any = None
    today: dt.date = dt.date(2026, 10, 20)

    def periods(self) -> list[Period]:
        return periods(dt.date(2023, 10, 1), 36)


def write(settings: Settings, people: pl.DataFrame) -> None:
    folder = settings.accepted / "in_force" / "person"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.parquet"):
        old.unlink()
    people.clear().write_parquet(folder / "_schema.parquet")
    for (feed,), rows in people.group_by("feed"):
        rows.write_parquet(folder / f"{feed}.parquet")


@pytest.fixture(scope="module")
def crowd() -> Crowd:
    return make_crowd(400)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(area_dir=tmp_path, home=tmp_path / "home")


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def table(settings: Settings, name: str) -> pl.DataFrame:
    return pl.read_parquet(settings.linkage / f"{name}.parquet")


def test_every_record_gets_one_person_and_every_person_and_household_a_record_key(
    settings: Settings, crowd: Crowd
) -> None:
    write(settings, crowd.people)
    result = link(settings, Place())
    links, keys = table(settings, "person_links"), table(settings, "record_keys")
    assert links.select("feed", "source_ref").rows() == sorted(crowd.people.select("feed", "source_ref").rows())
    assert set(links["person_key"]) == set(keys.filter(pl.col("unit") == "person")["unit_key"])
    assert set(table(settings, "household_links")["household_key"]) == set(
        keys.filter(pl.col("unit") == "household")["unit_key"]
    )
    unit_key, record_key = keys.select("unit_key", "record_key").row(0)
    by_hand = hmac.new(settings.release_secret(), unit_key.encode(), hashlib.sha256).digest()[:8]
    assert record_key == int.from_bytes(by_hand, "big")
    assert result.people == links["person_key"].n_unique() and result.records == links.height
    assert result.figures()["people"] == result.people


def test_the_same_people_in_force_give_the_same_bytes(settings: Settings, crowd: Crowd) -> None:
    write(settings, crowd.people)
    link(settings, Place())
    before = digests(settings.linkage)
    link(settings, Place())
    assert digests(settings.linkage) == before


def test_people_keep_their_keys_when_a_new_feed_arrives(settings: Settings, crowd: Crowd) -> None:
    write(settings, crowd.people.filter(pl.col("feed") != "delta"))
    link(settings, Place())
    before = table(settings, "person_links")
    write(settings, crowd.people)
    link(settings, Place())
    merges = table(settings, "key_events").filter(pl.col("event") == "merge")
    kept = before.join(table(settings, "person_links"), on=["feed", "source_ref"], suffix="_now")
    changed = kept.filter(pl.col("person_key") != pl.col("person_key_now"))
    assert set(changed["person_key"]) <= set(merges["other_key"])
    assert changed.height < before.height / 20


def test_quality_counts_every_record_once_in_each_kind_of_group(settings: Settings, crowd: Crowd) -> None:
    write(settings, crowd.people)
    link(settings, Place())
    quality = table(settings, "linkage_quality")
    expected = dict(crowd.people.group_by("feed").len().rows())
    sums = quality.group_by("feed", "group_kind").agg(pl.col("records").sum())
    assert set(sums["group_kind"]) == {"all", "age_band", "sex", "ethnic_group", "deprivation"}
    assert all(records == expected[feed] for feed, _, records in sums.rows())
    assert (quality["linkable"] + quality["unlinkable"] == quality["records"]).all()
    sizes = table(settings, "cluster_sizes")
    assert (sizes["records_per_person"] * sizes["people"]).sum() == crowd.people.height


def test_looser_thresholds_never_make_fewer_links(settings: Settings, crowd: Crowd) -> None:
    write(settings, crowd.people)
    link(settings, Place())
    curve = table(settings, "thresholds")
    assert curve["threshold"].is_sorted(descending=True) and curve["links"].is_sorted()


def test_the_saved_model_holds_no_token(settings: Settings, crowd: Crowd) -> None:
    write(settings, crowd.people)
    link(settings, Place())
    text = (settings.linkage / "model.json").read_text()
    assert set(json.loads(text)) == {"threshold", "prior", "doubles", "comparisons", "notes"}
    assert not any(token in text for token in crowd.people["tok_name_dob"].drop_nulls())


def test_an_area_without_any_person_in_force_has_empty_typed_tables(settings: Settings, crowd: Crowd) -> None:
    write(settings, crowd.people.clear())
    result = link(settings, Place())
    assert result.records == result.people == 0
    assert table(settings, "person_links").columns == [
        "feed", "source_ref", "person_key", "link_method", "match_probability",
    ]  # fmt: skip


def test_records_without_any_identifier_are_kept_as_unlinkable_and_counted(settings: Settings, crowd: Crowd) -> None:
    blank = [name for name in crowd.people.columns if name.startswith("tok_")]
    write(settings, crowd.people.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in blank))
    result = link(settings, Place())
    assert result.unlinkable == result.people == result.records == crowd.people.height
    assert set(table(settings, "person_links")["link_method"]) == {"unlinkable"}


def test_a_contract_that_lets_a_person_have_two_references_is_obeyed(settings: Settings, crowd: Crowd) -> None:
    alpha = crowd.people.filter(pl.col("feed") == "alpha")
    again = alpha.with_columns(pl.col("source_ref") + "x")
    write(settings, pl.concat([alpha, again]))
    place = Place(contracts={"alpha": SimpleNamespace(one_person_per_reference=False)})
    assert link(settings, place).people < alpha.height * 1.05


def test_evaluation_reads_the_last_refresh_and_says_what_is_missing(
    settings: Settings, crowd: Crowd, tmp_path: Path
) -> None:
    truth = tmp_path / "records.parquet"
    with pytest.raises(LinkageError, match="joinedup refresh"):
        run_evaluate(settings, truth)
    write(settings, crowd.people)
    link(settings, Place())
    with pytest.raises(LinkageError, match="does not exist"):
        run_evaluate(settings, truth)
    crowd.truth.write_parquet(truth)
    scores = json.loads(run_evaluate(settings, truth, as_json=True))["scores"]
    assert scores[0]["scope"] == "overall" and scores[0]["precision"] >= 0.99
    assert "feed alpha" in run_evaluate(settings, truth)
