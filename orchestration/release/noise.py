"""Cell keys into noise: a keyed hash, then the perturbation table, by integer thresholds.

The hash before the look-up is what makes a person with a small record key as safe as any other (DISCLOSURE section 3,
defect 1). "Same people, same noise": the noise depends on the cell key and the count alone, not on the question.
"""

from bisect import bisect_right
from dataclasses import dataclass
from hashlib import blake2b

from orchestration.release.policy import Policy
from orchestration.release.ptable import Row, design_table

RANGE = 1 << 64
NOISE_DOMAIN = b"joinedup-noise-1"  # blake2b's `person` separates this use of the secret from all others


@dataclass(frozen=True, slots=True)
class PerturbationTable:
    """A perturbation table as integer thresholds: row i holds the upper ends (exclusive) and the changes.

    Ends are in 0..2^64 in production. The last `repeated` rows serve all larger counts in turn (ONS: 250; else 1).
    """

    ends: tuple[tuple[int, ...], ...]
    changes: tuple[tuple[int, ...], ...]
    repeated: int = 1

    @classmethod
    def from_rows(cls, rows: tuple[Row, ...]) -> "PerturbationTable":
        """Turn probabilities into thresholds; the last end of every row is 2^64 exactly."""
        ends = []
        for row in rows:
            cumulated, row_ends = 0.0, []
            for probability in row.probabilities:
                cumulated += probability
                row_ends.append(min(RANGE, round(cumulated * RANGE)))
            row_ends[-1] = RANGE
            ends.append(tuple(row_ends))
        return cls(tuple(ends), tuple(row.changes for row in rows))

    def change(self, count: int, position: int) -> int:
        """Return the change for a true count at a position below the ends."""
        row = count
        if count >= len(self.ends):
            first = len(self.ends) - self.repeated
            row = first + (count - first) % self.repeated
        return self.changes[row][bisect_right(self.ends[row], position)]


class Noise:
    """The noise of one secret and one policy. Holds the key, so it is never shown, logged or pickled."""

    def __init__(self, secret: bytes, policy: Policy) -> None:
        self._key = blake2b(secret, digest_size=32, person=b"joinedup-release").digest()
        self._table = PerturbationTable.from_rows(
            design_table(largest=policy.largest_noise, variance=policy.noise_variance, never_below=policy.never_below)
        )

    def __repr__(self) -> str:
        return "Noise(secret kept)"

    def __reduce__(self) -> str:
        raise TypeError("Noise holds the release secret and is never copied or pickled")

    def position(self, count: int, cell_key: int, *, use: str = "") -> int:
        """Return the keyed hash of a cell in 0..2^64-1; each `use` of a cell has noise of its own."""
        message = cell_key.to_bytes(8, "big") + count.to_bytes(8, "big") + use.encode()
        return int.from_bytes(blake2b(message, digest_size=8, key=self._key, person=NOISE_DOMAIN).digest(), "big")

    def change(self, count: int, cell_key: int, *, use: str) -> int:
        """Return the noise alone, for another use of the same cell."""
        return self._table.change(count, self.position(count, cell_key, use=use))

    def perturb(self, count: int, cell_key: int) -> int:
        """Return count plus its noise: zero stays zero, never negative."""
        return count + self._table.change(count, self.position(count, cell_key)) if count else 0
