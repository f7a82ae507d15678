"""A frequency attack on tokens: what somebody who holds the token file, but not the key, learns from counting.

The attacker knows how common every name is and where people live, sees how often each token occurs, and lays the two
rankings side by side: the commonest token is the commonest name. For a token of several identifiers the ranking is that
of their product. What is counted is the share of records whose name (whose date or postcode, where there is no name)
is then right, beside the share that is right without any token, by always naming the commonest.

Names are spread by Zipf's law, the commonest surname one in 37 people and the commonest forename one in 12: more
unevenly than British ones, which favours the attacker. No real person's data is in it. docs/explanation/tokens.md tells
what follows.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FORENAMES, SURNAMES, DAYS, POSTCODES = 2_000, 40_000, 80 * 365, 3_000
FORENAME_POWER, SURNAME_POWER = 0.9, 0.8
NAMES_A_SOUND = 4

SINGLE = {
    "forename": ("forename",),
    "surname": ("surname",),
    "sound of a surname": ("surname_sound",),
    "date of birth": ("birth",),
    "postcode": ("postcode",),
}
COMPOSITE = {
    "tok_name": ("forename", "surname"),
    "tok_sounds": ("forename_sound", "surname_sound"),
    "tok_forename_dob": ("forename", "birth"),
    "tok_surname_dob": ("surname", "birth"),
    "tok_surname_sound_dob": ("surname_sound", "birth"),
    "tok_forename_postcode": ("forename", "postcode"),
    "tok_surname_postcode": ("surname", "postcode"),
    "tok_dob_postcode": ("birth", "postcode"),
    "tok_name_dob": ("forename", "surname", "birth"),
}


@dataclass(frozen=True)
class Fallen:
    """token: its kind. is_single: of one identifier. share: of records named right. blind: right without tokens."""

    token: str
    is_single: bool
    share: float
    blind: float


def attack(*, people: int, seed: int) -> list[Fallen]:
    """Return how many records fall, for tokens of one identifier and of several."""
    random = np.random.default_rng(seed)
    spread = {
        "forename": _zipf(FORENAMES, FORENAME_POWER),
        "surname": _zipf(SURNAMES, SURNAME_POWER),
        "birth": np.full(DAYS, 1 / DAYS),
        "postcode": _zipf(POSTCODES, 0.3),
    }
    true = {name: random.choice(shares.size, people, p=shares) for name, shares in spread.items()}
    for name in ("forename", "surname"):
        # Neighbours in rank share a sound no more than chance has it: a fixed shuffle decides which do.
        order = np.random.default_rng(7).permutation(spread[name].size) // NAMES_A_SOUND
        true[f"{name}_sound"] = order[true[name]]
        spread[f"{name}_sound"] = np.bincount(order, weights=spread[name])
    return [
        Fallen(kind, is_single, *_fallen([true[part] for part in parts], [spread[part] for part in parts]))
        for kinds, is_single in ((SINGLE, True), (COMPOSITE, False))
        for kind, parts in kinds.items()
    ]


def _zipf(size: int, power: float) -> npt.NDArray[np.float64]:
    weights: npt.NDArray[np.float64] = 1 / np.arange(1, size + 1) ** power
    shares: npt.NDArray[np.float64] = weights / weights.sum()
    return shares


def _fallen(values: list[npt.NDArray[np.int64]], spreads: list[npt.NDArray[np.float64]]) -> tuple[float, float]:
    """Return the share of records whose first identifier the rankings name right, and that of the commonest alone."""
    key = np.zeros(values[0].size, dtype=np.int64)
    for value, spread in zip(values, spreads, strict=True):
        key = key * spread.size + value
    _, place, counts = np.unique(key, return_inverse=True, return_counts=True)
    # Ties are broken at random: nothing in the file tells two tokens of one count apart.
    shuffled = np.random.default_rng(11).permutation(counts.size)
    by_count = shuffled[np.argsort(-counts[shuffled], kind="stable")]
    rank = np.empty(counts.size, dtype=np.int64)
    rank[by_count] = np.arange(counts.size)
    guess = _names_by_rank(spreads, counts.size, values[0].size)
    return float((guess[rank[place]] == values[0]).mean()), float(spreads[0].max())


def _names_by_rank(spreads: list[npt.NDArray[np.float64]], tokens: int, people: int) -> npt.NDArray[np.int64]:
    """Return the first identifier of the likeliest combinations, one for each token in order of its count.

    Of a name with a date nothing but the name orders the combinations; each name stands for as many tokens as it is
    expected to make.
    """
    names = np.argsort(-spreads[0], kind="stable")
    if len(spreads) == 1:
        return np.resize(names, tokens)
    rest = spreads[1]
    for spread in spreads[2:]:
        rest = np.outer(rest, spread).ravel() if rest.size * spread.size < 10**7 else rest
    if rest.max() > 2 * rest.min():
        most = min(tokens, 5_000)
        top_rest, top_names = np.sort(rest)[::-1][:most], names[:most]
        product = np.outer(spreads[0][top_names], top_rest)
        best = np.argsort(-product, axis=None, kind="stable")[:tokens]
        return np.resize(top_names[best // top_rest.size], tokens)
    expected = rest.size * (1 - np.exp(-people * spreads[0][names] * rest.mean()))
    return np.resize(np.repeat(names, np.maximum(np.round(expected), 1).astype(np.int64)), tokens)
