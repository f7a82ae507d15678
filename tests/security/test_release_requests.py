"""Tampered requests: whatever is asked, the gate refuses or gives figures that the rules allow, and nothing else."""

import random

import pytest

from orchestration.release import Gate, ProtectedTable, Refused, Request
from orchestration.release.lattice import DIMENSIONS, MEASURES
from orchestration.release.reader import current_path, open_snapshot
from orchestration.settings import Settings
from tests.support.snapshot import make_snapshot

STRANGE = (
    "'; drop table serving.srv_person; --",
    "sex) or 1=1 --",
    "record_key",
    "srv_person.record_key",
    "person_no",
    "month_mask",
    "*",
    "",
    "\x00",
    "ｓｅｘ",
    "sex\n",
    "../../etc/passwd",
    "${secret}",
    "{columns}",
    "$month_mask",
    "-1",
    "1e9",
    "true",
)
PERIODS = ("all", "Y2025", "2026-Q2", "2026-03", "2026-3", "Y2025 or 1=1", "２０２６-03", "2026-03\n", "Y20255")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_snapshot(tmp_path_factory.mktemp("fuzzed"), people=2500, seed=5)


def draw(rng: random.Random, values: tuple[str, ...]) -> dict[str, object]:
    """Return one random question: mostly words of the grammar, some of them strange."""
    measure = rng.choice(tuple(MEASURES))
    own = MEASURES[measure]
    words = own.dimensions if rng.random() < 0.6 else (*DIMENSIONS, *STRANGE)
    relation = rng.choice(own.relation) if own.relation and rng.random() < 0.6 else ()
    chosen = (*relation, *rng.choices(words, k=rng.randrange(0, 3)))
    filters = {
        rng.choice(words): rng.choices(values, k=rng.randrange(0, 4)) for _filter in range(rng.choice((0, 0, 1, 2)))
    }
    return {
        "measure": rng.choice(STRANGE) if rng.random() < 0.1 else measure,
        "by": chosen,
        "where": filters,
        "period": rng.choice(PERIODS),
        "policy": rng.choice(("dashboard", "public", "none", "")),
    }


def test_three_thousand_tampered_requests_give_only_refusals_or_protected_figures(settings: Settings) -> None:
    gate = Gate(settings)
    rng = random.Random(7)
    values = (*STRANGE, "debt", "debt_advice", "F", "E02000001", "0-15", "START", "1", "2026-03", "debt+housing")
    answered = refused = 0
    for _request in range(3000):
        try:
            table = gate.answer(Request.parse(**draw(rng, values)))  # type: ignore[arg-type]
        except Refused as refusal:
            refused += 1
            assert "bit_xor" not in str(refusal)
            assert "Error" not in str(refusal)
        else:
            answered += 1
            assert isinstance(table, ProtectedTable)
            assert all(row[-1] is None or (int(row[-1]) >= 10 and int(row[-1]) % 5 == 0) for row in table.rows)
    assert refused > 1000
    assert answered > 100


@pytest.mark.parametrize(
    "statement",
    [
        "create table serving.x (i integer)",
        "delete from serving.srv_person",
        "attach ':memory:' as other",
        "copy (select 1) to 'leak.csv'",
        "select * from read_csv('/etc/passwd')",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "install httpfs",
    ],
)
def test_the_connection_can_neither_write_nor_reach_outside(settings: Settings, statement: str) -> None:
    import duckdb

    snapshot = open_snapshot(settings, current_path(settings))
    with pytest.raises(duckdb.Error):
        snapshot.cursor().execute(statement)
