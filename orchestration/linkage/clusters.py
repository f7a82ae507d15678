"""Grouping linked pairs into people, and mending groups that cannot be one person.

What belongs here: connected components, and the constrained merge inside components that break a rule. What does not:
scores (`scoring`), the names people keep (`keys`). Pure: arrays and frames in, arrays out.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

Labels = npt.NDArray[np.int64]

SURE = 0.95
"""Probability from which one link joins two groups by itself."""
LEAST_AGREEING = 0.5
"""Share of the pairs between two groups that must be linked where no link is sure: namesakes are not chained."""


@dataclass(frozen=True)
class Clusters:
    """labels: for each node the smallest node of its cluster. mended: components that had to be taken apart.

    refused: links within them that were left out because the group they made could not be one person.
    """

    labels: Labels
    mended: int
    refused: int


@dataclass
class _Group:
    """Members of one growing cluster and what no other member may share or contradict."""

    members: list[int]
    feeds: set[int] = field(default_factory=set)
    numbers: set[int] = field(default_factory=set)


def build_clusters(nodes: pl.DataFrame, links: pl.DataFrame, vetoes: pl.DataFrame) -> Clusters:
    """Group records into people.

    nodes: node, feed_no, guaranteed, nhs. links: node_l, node_r, is_trusted, match_weight, match_probability,
    is_same_name (twins have one date of birth but never one forename too, so such a link needs no look at twins).
    vetoes: node_l, node_r, is_barred (never one person; else it only looks like twins, and more may speak for it).
    A group is impossible when it holds two references of a feed that guarantees one person one reference, two NHS
    numbers, parent and child of one name, or a pair that looks like twins; it is doubtful when a link in it is not
    sure. Inside such groups links are taken again from the strongest down, each only if what it joins stays possible;
    ties go to the smaller node, so the result does not depend on any order.
    """
    size = nodes.height
    labels = _components(size, links)
    doubtful = labels[links.filter(~pl.col("is_trusted") & (pl.col("match_probability") < SURE))["node_l"].to_numpy()]
    broken = np.union1d(_impossible(nodes, vetoes, labels), doubtful)
    if not broken.size:
        return Clusters(_smallest_member(labels), 0, 0)
    is_broken = np.isin(labels, broken)
    left = links["node_l"].to_numpy()
    again = links.filter(pl.Series(is_broken[left])) if links.height else links
    parent, refused = _merge_possible(nodes, again, vetoes, is_broken)
    kept = links.filter(~pl.Series(is_broken[left])).select("node_l", "node_r")
    held = pl.DataFrame({"node_l": list(parent), "node_r": list(parent.values())}, schema=kept.schema)
    return Clusters(_smallest_member(_components(size, pl.concat([kept, held]))), len(broken), refused)


def _components(size: int, links: pl.DataFrame) -> Labels:
    if not size:
        return np.zeros(0, dtype=np.int64)
    left, right = links["node_l"].to_numpy(), links["node_r"].to_numpy()
    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _smallest_member(labels: Labels) -> Labels:
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return first[inverse].astype(np.int64)


def _impossible(nodes: pl.DataFrame, vetoes: pl.DataFrame, labels: Labels) -> Labels:
    grouped = nodes.select("feed_no", "guaranteed", "nhs").with_columns(pl.Series("label", labels))
    repeated = grouped.filter("guaranteed").filter(pl.struct("label", "feed_no").is_duplicated())
    numbers = (
        grouped.filter(pl.col("nhs").is_not_null())
        .group_by("label")
        .agg(pl.col("nhs").n_unique())
        .filter(pl.col("nhs") > 1)
    )
    left, right = labels[vetoes["node_l"].to_numpy()], labels[vetoes["node_r"].to_numpy()]
    return np.unique(np.concatenate([repeated["label"].to_numpy(), numbers["label"].to_numpy(), left[left == right]]))


def _merge_possible(
    nodes: pl.DataFrame, links: pl.DataFrame, vetoes: pl.DataFrame, is_broken: npt.NDArray[np.bool_]
) -> tuple[dict[int, int], int]:
    """Return for each node of the broken components the node that stands for its new cluster, and links refused."""
    groups = {
        node: _Group([node], {feed} if guaranteed else set(), set() if nhs is None else {nhs})
        for node, feed, guaranteed, nhs in nodes.filter(pl.Series(is_broken))
        .select("node", "feed_no", "guaranteed", "nhs")
        .iter_rows()
    }
    stands_for = {node: node for node in groups}
    ordered = links.sort(["is_trusted", "match_weight", "node_l", "node_r"], descending=[True, True, False, False])
    pairs = ordered.select(
        "node_l", "node_r", "is_same_name", is_sure=pl.col("is_trusted") | (pl.col("match_probability") >= SURE)
    ).rows()
    agrees = _neighbours(pairs)
    inside = pl.Series(is_broken[vetoes["node_l"].to_numpy()] & is_broken[vetoes["node_r"].to_numpy()])
    contradicts, barred = (
        _neighbours(vetoes.filter(inside & (pl.col("is_barred") == hard)).select("node_l", "node_r").iter_rows())
        for hard in (False, True)
    )
    refused = 0
    for left, right, is_same_name, is_sure in pairs:
        one, other = stands_for[left], stands_for[right]
        if one == other:
            continue
        big, small = (one, other) if len(groups[one].members) >= len(groups[other].members) else (other, one)
        never, against, agreeing = (
            sum(stands_for[other] == big for node in groups[small].members for other in neighbours[node])
            for neighbours in (barred, contradicts, agrees)
        )
        enough = is_sure or agreeing >= LEAST_AGREEING * len(groups[big].members) * len(groups[small].members)
        if never or not enough or not _may_merge(groups[big], groups[small], 0 if is_same_name else against, agreeing):
            refused += 1
            continue
        joining = groups.pop(small)
        groups[big].members += joining.members
        groups[big].feeds |= joining.feeds
        groups[big].numbers |= joining.numbers
        for node in joining.members:
            stands_for[node] = big
    return stands_for, refused


def _neighbours(pairs: Iterable[tuple[int, ...]]) -> defaultdict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    for left, right, *_ in pairs:
        found[left].append(right)
        found[right].append(left)
    return found


def _may_merge(big: _Group, small: _Group, against: int, agreeing: int) -> bool:
    """Two groups may merge unless a rule forbids it or more of their pairs look like twins than look alike."""
    return not big.feeds & small.feeds and len(big.numbers | small.numbers) <= 1 and against <= agreeing
