"""Properties of linking: deliveries one by one give the people of all at once, whatever is in them."""

from dataclasses import replace

import polars as pl
import pytest

from orchestration.linkage.index import Index, changes, fingerprints
from orchestration.linkage.linking import Linked, link_records
from orchestration.linkage.records import prepare_records
from tests.support.linkage_crowd import make_crowd

CROWD = make_crowd(700).people


def index_of(found: Linked) -> Index:
    return Index(fingerprints(found.records), found.scored.pairs, found.model, found.trained_on)


@pytest.mark.parametrize("seed", range(3))
def test_deliveries_one_by_one_give_the_clusters_of_all_at_once(seed: int) -> None:
    """Records arrive, are corrected and go; with one model, the pairs and the people are those of a full run."""
    batches = CROWD.with_columns(batch=pl.int_range(pl.len()).shuffle(seed=seed) % 20)
    known, model = None, link_records(prepare_records(CROWD)).model
    for delivery in range(4):
        there = batches.filter(pl.col("batch") < 17 + delivery, pl.col("batch") != delivery % 2).drop("batch")
        if delivery % 2:
            there = there.with_columns(
                tok_nhs=pl.when(pl.int_range(pl.len()) % 17 == seed % 17).then(None).otherwise("tok_nhs")
            )
        records = prepare_records(there)
        step = link_records(records, known=known) if known else link_records(records, model=model)
        whole = link_records(records, model=model)
        assert step.compared < whole.compared or known is None
        assert step.clusters.labels.tolist() == whole.clusters.labels.tolist()
        assert step.scored.pairs.drop("match_key").equals(whole.scored.pairs.drop("match_key"))
        known = index_of(step)


def test_a_delivery_is_compared_at_a_cost_of_its_own_size() -> None:
    """Of a crowd that is known, none is compared again; of one more record, one."""
    records = prepare_records(CROWD)
    known = index_of(link_records(records))
    assert link_records(records, known=known).compared == 0
    fewer = prepare_records(CROWD.filter(pl.col("source_ref") != CROWD["source_ref"][0]))
    assert link_records(records, known=index_of(link_records(fewer, model=known.model))).compared == 1


def test_the_model_is_learned_anew_once_a_quarter_of_the_records_have_changed() -> None:
    records = prepare_records(CROWD)
    known = replace(index_of(link_records(records)), trained_on=records.nodes.height)
    some, many = (prepare_records(CROWD.sample(fraction=share, seed=1)) for share in (0.85, 0.6))
    assert changes(some, known) is not None
    assert changes(many, known) is None
