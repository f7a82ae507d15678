"""Distances of sequences of states by optimal matching, all pairs at once.

Costs are those that TraMineR takes by default (Gabadinho A and others, J Stat Softw 2011;40(4), section 6): 1 for a
state put in or left out, 2 for one put in another's place. A replacement is then never cheaper than leaving out and
putting in, so the cost is exactly n + m - 2 x the length of the longest common subsequence, which whole machine words
find without a table per pair: Hyyro H, Bit-parallel LCS-length computation revisited, AWOCA 2004.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LONGEST = 64
"""States in a sequence: one bit of a machine word each."""
CELLS = 2_000_000
"""Pairs that are worked on at once: three words of memory each."""

Codes = NDArray[np.intp]
Distances = NDArray[np.float32]


def encode(sequences: Sequence[str], *, alphabet: str | None = None) -> tuple[Codes, str]:
    """Return one row of codes per sequence, one character a state, and the alphabet; short ones end in its length."""
    if sequences and max(map(len, sequences)) > LONGEST:
        raise ValueError(f"a sequence has more than {LONGEST} states")
    longest = max(map(len, sequences), default=0)
    if longest == 0:
        return np.empty((len(sequences), 0), dtype=np.intp), alphabet or ""
    letters = np.array(sequences, dtype=f"U{longest}").view(np.uint32).reshape(len(sequences), longest)
    present = np.unique(letters[letters > 0])
    known = alphabet if alphabet is not None else "".join(map(chr, present))
    if not set(map(chr, present)) <= set(known):
        raise ValueError(f"a sequence has a state that is not one of {known}")
    number = np.full(int(letters.max()) + 1, len(known), dtype=np.intp)
    for code, state in enumerate(known):
        if ord(state) < len(number):
            number[ord(state)] = code
    codes: Codes = number[letters]
    return codes, known


def matching_distances(these: Codes, those: Codes, *, states: int) -> Distances:
    """Return the optimal matching distance of each of these sequences to each of those."""
    masks = np.zeros((len(these), states + 1), dtype=np.uint64)
    for place in range(these.shape[1]):
        masks[np.arange(len(these)), these[:, place]] |= np.uint64(1 << place)
    masks[:, states] = 0  # past the end nothing matches
    lengths, other_lengths = (np.count_nonzero(codes < states, axis=1) for codes in (these, those))
    distances = np.empty((len(these), len(those)), dtype=np.float32)
    step = max(1, CELLS // max(len(those), 1))
    for start in range(0, len(these), step):
        rows = slice(start, start + step)
        common = _common(masks[rows], lengths[rows], those)
        distances[rows] = lengths[rows, None] + other_lengths[None, :] - 2.0 * common
    return distances


def _common(masks: NDArray[np.uint64], lengths: NDArray[np.intp], those: Codes) -> NDArray[np.uint8]:
    """Return the lengths of the longest common subsequences: the zeros left in the low bits of each word."""
    words = np.full((len(masks), len(those)), np.iinfo(np.uint64).max, dtype=np.uint64)
    for place in range(those.shape[1]):
        matched = words & masks[:, those[:, place]]
        words = np.bitwise_or(words + matched, words - matched)  # the carry beyond bit 63 is meant to be lost
    used = np.array([(1 << int(length)) - 1 for length in lengths], dtype=np.uint64)
    zeros: NDArray[np.uint8] = np.bitwise_count(~words & used[:, None])
    return zeros
