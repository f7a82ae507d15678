"""Being forgotten, objecting, and retention over the small area: every store is searched, and kills lose nothing."""

import json
import os
import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest
import yaml

from orchestration.area import Agreement, load_area
from orchestration.area.reading import read_model
from orchestration.audit import audit_of
from orchestration.audit.reading import search
from orchestration.defs.refresh import refresh
from orchestration.errors import GovernanceError, HomeError
from orchestration.published_files import attach_published
from orchestration.release import Gate, Request
from orchestration.rights import removal
from orchestration.rights.certificates import certificate_path
from orchestration.rights.forgetting import forget, read_tokens
from orchestration.rights.marks import FORGOTTEN, read_list
from orchestration.rights.objecting import object_to, objections_by_purpose, withdraw_objection
from orchestration.rights.overdue import overdue
from orchestration.rights.pending import is_pending
from orchestration.rights.records import find_records
from orchestration.rights.removal import remove_marked
from orchestration.rights.retaining import retain
from orchestration.rights.searching import search_home
from orchestration.settings import Settings

EVERYBODY = Request("people", (), {}, "all")
STORES = ("accepted rows", "delivered files", "in force", "linkage", "warehouse")


class Killed(Exception):  # noqa: N818 - stands in for a process that ends
    """The process ends here."""


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JOINEDUP_AREA", "JOINEDUP_HOME", "DAGSTER_HOME"):
        monkeypatch.setenv(name, os.environ.get(name, ""))


@pytest.fixture
def home(small_area: Settings, tmp_path: Path) -> Settings:
    copy = Settings(area_dir=small_area.area_dir, home=tmp_path / "var")
    shutil.copytree(small_area.home, copy.home, symlinks=True)
    return copy


def somebody(settings: Settings) -> tuple[str, pl.DataFrame]:
    """Return the NHS token and the records of a person whom several partners know."""
    links = pl.read_parquet(settings.linkage / "person_links.parquet")
    several = links.group_by("person_key").agg(pl.col("feed").n_unique()).sort("feed", "person_key", descending=True)
    people = pl.read_parquet(
        sorted((settings.accepted / "in_force" / "person").glob("[a-z]*.parquet")), missing_columns="insert"
    )
    for key in several["person_key"]:
        records = links.filter(pl.col("person_key") == key).select("feed", "source_ref")
        tokens = people.join(records, on=["feed", "source_ref"], how="semi")["tok_nhs"].drop_nulls().unique()
        if tokens.len():
            return str(tokens[0]), records
    raise AssertionError("nobody is known to several partners")


def people_in(settings: Settings) -> int:
    with duckdb.connect() as connection:
        attach_published(connection, (settings.published / "current").resolve(), "held", settings)
        row = connection.execute("select count(distinct person_no) from held.serving.srv_person_service").fetchone()
    return int(row[0]) if row else 0


def test_somebody_is_forgotten_in_every_file_and_the_others_stay(home: Settings) -> None:
    token, records = somebody(home)
    found = find_records(home, [token])
    assert records["feed"].n_unique() > 2
    assert set(records.rows()) <= set(found.pairs.rows())
    before = search_home(home, found.own, found.pairs)
    where = {Path(name).parts[0] for name in before.found}
    assert {"accepted", "landing", "linkage"} <= where  # the search does find somebody who is there
    people, others = people_in(home), _others(home, found.pairs)
    day = load_area(home.area_dir).today
    certificate = forget(home, [token], today=day, refresh=lambda: len(refresh(home).failures))
    assert search_home(home, found.own, found.pairs).found == []
    assert people_in(home) == people - 1
    assert _others(home, found.pairs) == others
    assert set(STORES) <= set(certificate.removed.files)
    assert [path.name for path in home.published.glob("*.duckdb")] == [(home.published / "current").resolve().name]
    written = certificate_path(home, certificate.request).read_text(encoding="utf-8")
    assert json.loads(written)["published_without_the_person"] is True
    words = certificate_path(home, certificate.request).with_suffix(".txt").read_text(encoding="utf-8")
    assert "Nothing about you was found." in words
    assert "Statistics are published without you." in words
    assert not any(text in written + words for text in (*found.tokens, *found.pairs["source_ref"]))
    (noted,) = search(audit_of(home).folder, kinds=("forget",))
    assert noted["outcome"] == "proved"
    assert find_records(home, [token]).pairs.is_empty()


def _others(settings: Settings, pairs: pl.DataFrame) -> dict[str, int]:
    """Return the accepted rows of everybody else by file's folder and entity."""
    found: dict[str, int] = {}
    for path in sorted((settings.accepted / "deliveries").glob("*/*/*.parquet")):
        feed = path.parents[1].name
        own = pairs.filter(pl.col("feed") == feed)["source_ref"].to_list()
        rows = pl.scan_parquet(path).filter(~pl.col("source_ref").cast(pl.String).is_in(own))
        key = f"{feed}/{path.parent.name}/{path.stem.partition('-')[0]}"
        found[key] = found.get(key, 0) + int(rows.select(pl.len()).collect().item())
    return found


def test_a_killed_removal_goes_on_where_it_stopped_and_doing_it_twice_changes_nothing(home: Settings) -> None:
    token, _ = somebody(home)
    found = find_records(home, [token])
    day, steps = load_area(home.area_dir).today, []
    forget_at = {"mark", "landing", "quarantine", "linkage", "warehouse"}
    for name in sorted(forget_at):

        def die(step: str, name: str = name) -> None:
            steps.append(step)
            if step == name:
                raise Killed

        with pytest.raises(Killed):
            forget(home, [token], today=day, at_step=die)
    kill_in_feed = f"accepted {found.pairs['feed'].sort()[0]}"
    assert kill_in_feed in steps
    remove_marked(home, today=day)
    assert not remove_marked(home, today=day).rows
    assert is_pending(home)
    left = search_home(home, found.own, found.pairs).found
    assert [name for name in left if not name.startswith("dagster/")] == []


def test_a_removal_that_leaves_a_store_out_is_found_out(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    token, _ = somebody(home)
    monkeypatch.setattr(removal, "_accepted", lambda *_args: None)
    with pytest.raises(HomeError, match="still found in accepted/deliveries"):
        forget(home, [token], today=load_area(home.area_dir).today)


def test_somebody_who_comes_again_is_recognised_and_not_kept(home: Settings, small_area: Settings) -> None:
    token, _ = somebody(home)
    found = find_records(home, [token])
    day = load_area(home.area_dir).today
    forget(home, [token], today=day)
    for gone in (home.landing, home.receipts, home.accepted / "deliveries"):
        shutil.rmtree(gone)
    (home.state / "refresh.json").unlink()
    shutil.copytree(small_area.landing, home.landing)  # every partner sends everything again, and it is read anew
    refresh(home)
    assert search_home(home, found.own, found.pairs).found == []


def test_a_token_that_relatives_share_forgets_nobody(home: Settings) -> None:
    people = pl.read_parquet(home.accepted / "in_force" / "person" / "council_tax_benefits.parquet")
    links = pl.read_parquet(home.linkage / "person_links.parquet").filter(pl.col("feed") == "council_tax_benefits")
    shared = (
        people.join(links, on=["feed", "source_ref"])
        .group_by("tok_surname_postcode")
        .agg(pl.col("person_key").n_unique())
        .filter(pl.col("person_key") > 1, pl.col("tok_surname_postcode").is_not_null())
    )
    with pytest.raises(GovernanceError, match=r"belongs to [2-9] people"):
        forget(home, [shared["tok_surname_postcode"][0]], today=load_area(home.area_dir).today)
    assert read_list(home, FORGOTTEN).is_empty()


def test_who_objects_is_in_no_figure_from_the_next_refresh_and_back_when_they_say_so(home: Settings) -> None:
    token, records = somebody(home)
    people, day = people_in(home), load_area(home.area_dir).today
    before = Gate(home).answer(EVERYBODY).total
    assert object_to(home, [token], purpose="service_design", today=day) == 1
    assert object_to(home, [token], purpose="service_design", today=day) == 0
    assert objections_by_purpose(home) == {"service_design": 1}
    refresh(home)
    assert people_in(home) == people - 1
    links = pl.read_parquet(home.linkage / "person_links.parquet")
    assert links.join(records, on=["feed", "source_ref"], how="semi").is_empty()
    assert token not in read_list(home, "objections").write_csv()
    assert withdraw_objection(home, [token], purpose="service_design") == 1
    refresh(home)
    assert people_in(home) == people
    assert Gate(home).answer(EVERYBODY).total == before
    changes = [entry["change"] for entry in search(audit_of(home).folder, kinds=("objection",))]
    assert changes == ["added", "added", "withdrawn"]


def test_what_an_agreement_does_not_keep_any_longer_goes_from_every_store(home: Settings, tmp_path: Path) -> None:
    pack = tmp_path / "area"
    shutil.copytree(home.area_dir, pack)
    path = pack / "agreements" / "isa-05-debt-advice.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["retention"] = {"default_months": 24, "items": {"referral_source": 12}}
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    data["history"][-1]["digest"] = read_model(Agreement, path).digest  # its parties sign the shorter time
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    settings = Settings(area_dir=pack, home=home.home)
    area = load_area(pack)
    late = overdue(settings, area)
    assert set(late) == {"debt_advice"}
    assert set(late["debt_advice"]) == {"accepted rows", "delivered files", "in force", "warehouse", "snapshots"}

    def die(step: str) -> None:
        if step > "debt_advice":
            raise Killed

    with pytest.raises(Killed):
        retain(settings, area, at_step=die)
    assert is_pending(settings)  # the rows are gone, and the next one goes on with what was made from them
    assert not sum(retain(settings, area).rows.values())
    late = overdue(settings, area)["debt_advice"]
    assert set(late) == {"in force", "snapshots"}  # until the refresh publishes
    assert not sum(retain(settings, area).rows.values())
    refresh(settings)
    assert overdue(settings, area) == {}
    with duckdb.connect(str(settings.warehouse / "build.duckdb"), read_only=True) as connection:
        asked = "select min(end_date), count(*) from marts.fct_episode where feed = 'debt_advice'"
        oldest, count = connection.execute(asked).fetchone() or (None, 0)
    assert count > 0
    assert str(oldest) >= "2024-10-01"


def test_one_partners_records_are_forgotten_and_no_other_partners(home: Settings) -> None:
    token, records = somebody(home)
    feed = str(records["feed"].sort()[0])
    mine = records.filter(pl.col("feed") == feed)
    others = find_records(home, [token]).pairs.filter(pl.col("feed") != feed)
    unread = home.landing / feed / "not read yet.csv"
    unread.write_text(f"token\n{token}\n", encoding="utf-8")
    certificate = forget(home, [token], today=load_area(home.area_dir).today, feed=feed)
    assert certificate.feeds == 1
    left = find_records(home, [token]).pairs
    assert left.join(mine, on=["feed", "source_ref"], how="semi").is_empty()
    assert set(left.rows()) == set(others.rows())
    assert unread.exists()


def test_a_token_that_nobody_has_changes_nothing_and_is_certified(home: Settings) -> None:
    before = sorted(home.published.iterdir())
    certificate = forget(home, ["f" * 64], today=load_area(home.area_dir).today, refresh=lambda: 1 // 0)
    assert (certificate.records, certificate.removed.files, certificate.is_published_without) == (0, {}, True)
    assert sorted(home.published.iterdir()) == before
    assert read_list(home, FORGOTTEN).is_empty()


@pytest.mark.parametrize("text", ["", "# nobody\n\n", "short\n", "two words here\n"])
def test_what_is_no_token_is_told_by_its_line(text: str) -> None:
    with pytest.raises(HomeError, match="token"):
        read_tokens(text)
