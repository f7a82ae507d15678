"""Hashes of 128 bits that stand for the values of several columns: equal rows are found without holding them."""

from collections.abc import Sequence

import polars as pl

SEEDS = (0, 1)
"""Two hashes of 64 bits: among 5 million rows one alone would take two for one once in 1.5 million deliveries."""


def hashes(names: Sequence[str], prefix: str) -> list[pl.Expr]:
    """Return what stands for the values of these columns together, as `<prefix>0` and `<prefix>1`.

    The sum of a hash of each, seeded by its place: twice as fast as the hash of a struct, and no likelier to collide.
    """
    return [
        pl.sum_horizontal(
            pl.col(name).hash(seed=len(SEEDS) * column + seed) for column, name in enumerate(names)
        ).alias(f"{prefix}{place}")
        for place, seed in enumerate(SEEDS)
    ]
