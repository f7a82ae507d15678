"""Claims of grouping: what one weak link may not bring together through a third record."""

import polars as pl

from orchestration.linkage.clusters import build_clusters

LINK = {
    "node_l": pl.Int64,
    "node_r": pl.Int64,
    "is_trusted": pl.Boolean,
    "is_same_name": pl.Boolean,
    "match_weight": pl.Float64,
}
Link = tuple[int, int, bool, bool, float]


def groups(
    links: list[Link],
    *,
    feeds: list[int],
    vetoes: list[tuple[int, int]] | None = None,
    barred: list[tuple[int, int]] | None = None,
    nhs: list[int | None] | None = None,
    guaranteed: bool = True,
    probability: float = 0.99,
) -> set[frozenset[int]]:
    """Return the groups of nodes 0, 1, 2 ... each in the feed given."""
    nodes = pl.DataFrame(
        {
            "node": range(len(feeds)),
            "feed_no": feeds,
            "guaranteed": [guaranteed] * len(feeds),
            "nhs": nhs or [None] * len(feeds),
        },
        schema_overrides={"nhs": pl.Int64},
    )
    labels = build_clusters(
        nodes,
        pl.DataFrame(links, schema=LINK, orient="row").with_columns(match_probability=pl.lit(probability)),
        pl.DataFrame(
            [(*pair, False) for pair in vetoes or []] + [(*pair, True) for pair in barred or []],
            schema={"node_l": pl.Int64, "node_r": pl.Int64, "is_barred": pl.Boolean},
            orient="row",
        ),
    ).labels.tolist()
    return {frozenset(node for node, label in enumerate(labels) if label == one) for one in labels}


def weak(left: int, right: int, weight: float = 10.0, *, is_same_name: bool = False) -> Link:
    return left, right, False, is_same_name, weight


def test_links_join_records_through_a_third() -> None:
    assert groups([weak(0, 1), weak(1, 2)], feeds=[1, 2, 3]) == {frozenset({0, 1, 2})}


def test_two_references_of_one_feed_stay_apart_though_a_third_record_looks_like_both() -> None:
    links = [weak(0, 2, 20.0), weak(1, 2, 12.0)]
    assert groups(links, feeds=[1, 1, 2]) == {frozenset({0, 2}), frozenset({1})}
    assert groups(links, feeds=[1, 1, 2], guaranteed=False) == {frozenset({0, 1, 2})}


def test_two_numbers_stay_apart_though_a_third_record_looks_like_both() -> None:
    links = [weak(0, 2, 12.0), weak(1, 2, 20.0)]
    assert groups(links, feeds=[1, 2, 3], nhs=[7, 8, None]) == {frozenset({1, 2}), frozenset({0})}


def test_a_trusted_link_goes_before_a_heavier_one() -> None:
    links = [(0, 2, True, False, 1.0), weak(1, 2, 99.0)]
    assert groups(links, feeds=[1, 1, 2]) == {frozenset({0, 2}), frozenset({1})}


def test_a_record_that_looks_like_the_twin_of_most_of_a_group_stays_out_of_it() -> None:
    known = [weak(0, 1, 30.0), weak(1, 2, 29.0), weak(0, 2, 28.0)]
    against = [(0, 3), (1, 3)]
    assert groups([*known, weak(2, 3, 9.0)], feeds=[1, 2, 3, 4], vetoes=against) == {
        frozenset({0, 1, 2}),
        frozenset({3}),
    }


def test_one_that_looks_like_more_of_them_than_its_twin_joins_them() -> None:
    known = [weak(0, 1, 30.0), weak(1, 2, 29.0), weak(0, 2, 28.0)]
    links = [*known, weak(1, 3, 9.0), weak(2, 3, 9.0)]
    assert groups(links, feeds=[1, 2, 3, 4], vetoes=[(0, 3)]) == {frozenset({0, 1, 2, 3})}


def test_a_link_of_the_same_name_needs_no_look_at_twins() -> None:
    known = [weak(0, 1, 30.0), weak(1, 2, 29.0), weak(0, 2, 28.0)]
    links = [*known, weak(2, 3, 9.0, is_same_name=True)]
    assert groups(links, feeds=[1, 2, 3, 4], vetoes=[(0, 3), (1, 3)]) == {frozenset({0, 1, 2, 3})}


def test_a_pair_that_is_barred_stays_apart_whatever_speaks_for_it() -> None:
    known = [weak(0, 1, 30.0), weak(1, 2, 29.0), weak(0, 2, 28.0)]
    links = [*known, weak(1, 3, 9.0), weak(2, 3, 9.0)]
    assert groups(links, feeds=[1, 2, 3, 4], barred=[(0, 3)]) == {frozenset({0, 1, 2}), frozenset({3})}


def test_a_doubtful_link_joins_two_groups_only_if_half_of_their_pairs_are_linked() -> None:
    assert groups([weak(0, 1)], feeds=[1, 2], probability=0.7) == {frozenset({0, 1})}
    chain = [weak(0, 1, 9.0), weak(2, 3, 9.0), weak(1, 2, 5.0)]
    assert groups(chain, feeds=[1, 2, 3, 4], probability=0.7) == {frozenset({0, 1}), frozenset({2, 3})}
    assert groups(chain, feeds=[1, 2, 3, 4], probability=0.99) == {frozenset({0, 1, 2, 3})}
