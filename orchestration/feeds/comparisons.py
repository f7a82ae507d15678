"""A delivery's figures beside those of the periods before it: volume, missing values, shares of codes, tokens.

A check is one function here under the name that it has in checks.yaml. Pure: figures in, findings out; which deliveries
are compared is decided in orchestration.feeds.history. Every threshold allows for chance in small deliveries.
"""

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from orchestration.feeds.figures import Figures
from orchestration.feeds.receipts import Receipt

LEAST_PERIODS = 3
LEAST_ROWS = 20
OUTLIER_SCORE = 3.5
LEAST_SPREAD = 0.1
"""Volume: the modified z-score of Iglewicz and Hoaglin (How to Detect and Handle Outliers, 1993), 3.5 as they advise,
on logarithms; the spread is never taken below that of counting (1/sqrt n) nor below 10 per cent."""
LEAST_RECORDS = 100
MISSING_RISE = 0.1
MISSING_SCORE = 5.0
"""Missing: a rise of 10 percentage points that is also 5 standard errors of the difference of two shares."""
SHIFT = 0.25
CHANCE_SCORE = 3.09
"""Shares of codes: a population stability index of 0.25, the usual mark of a major shift (Siddiqi, Credit Risk
Scorecards, 2006), and above what chance gives 1 time in 1,000, since the index of equal populations is distributed as
chi-square (codes - 1) times (1/n + 1/m) (Yurdakul and Naranjo, Journal of Risk Model Validation 14(4), 2020)."""
LEAST_PEOPLE = 30
OTHER_KEY_SHARE = 0.05
USUAL_OVERLAP = 0.1
LOST_OVERLAP = 0.01
"""Tokens: the manifests of `joinedup pseudonymise` name another key. Where they do not tell, fewer than 5 per cent of
the people who come again keep their token, and fewer than 5 per cent of all tokens came before at all (else references
were given out anew); or, where too few references come again to tell, fewer than 1 per cent of
the tokens came before although usually 10 per cent or more do."""


@dataclass(frozen=True)
class Unlike:
    """What a comparison found: how many rows, of what, and the sentence's end in words."""

    count: int
    detail: str
    entity: str | None = None
    field: str = ""


Comparison = Callable[[Receipt, Sequence[Receipt]], Iterator[Unlike]]
COMPARISONS: dict[str, Comparison] = {}


def compares(comparison: Comparison) -> Comparison:
    """Register a function as the check of its name; it is given a receipt and those before it, oldest first."""
    COMPARISONS[comparison.__name__] = comparison
    return comparison


@compares
def content_repeated(receipt: Receipt, before: Sequence[Receipt]) -> Iterator[Unlike]:
    """Find main files whose content came for an earlier period; joined files may well not change."""
    earlier = {file.sha256 for other in before for file in other.files if file.role == "main" and file.rows}
    again = [file for file in receipt.files if file.sha256 in earlier and file.role == "main"]
    if again and receipt.period:
        yield Unlike(sum(file.rows for file in again), ", ".join(file.name for file in again))


@compares
def volume_changed(receipt: Receipt, before: Sequence[Receipt]) -> Iterator[Unlike]:
    """Find entities with far more or far fewer rows than usual."""
    if len(before) < LEAST_PERIODS:
        return
    for entity, found in receipt.entities.items():
        usual = [other.entities[entity].delivered for other in before if entity in other.entities]
        middle = statistics.median(usual) if len(usual) >= LEAST_PERIODS else 0
        if middle < LEAST_ROWS:
            continue
        logs = [math.log(max(rows, 0.5) / middle) for rows in usual]
        spread = max(1.4826 * statistics.median(map(abs, logs)), 1 / math.sqrt(middle), LEAST_SPREAD)
        if abs(math.log(max(found.delivered, 0.5) / middle)) / spread > OUTLIER_SCORE:
            detail = (
                f"{found.delivered:,} records; the {len(usual)} periods before had {min(usual):,} to {max(usual):,}"
            )
            yield Unlike(max(found.delivered, 1), detail, entity)


@compares
def missing_share_changed(receipt: Receipt, before: Sequence[Receipt]) -> Iterator[Unlike]:
    """Find fields that are missing far more often than in all periods before together."""
    if len(before) < LEAST_PERIODS:
        return
    now, earlier = _figures(receipt, before)
    for place, missing in now.missing.items():
        entity, _, field = place.partition(".")
        told = [other for other in earlier if place in other.missing]
        rows, past = now.rows[entity], sum(other.rows[entity] for other in told)
        if rows < LEAST_RECORDS or past < LEAST_RECORDS:
            continue
        lacked = sum(other.missing[place] for other in told)
        share, usual, pooled = missing / rows, lacked / past, (missing + lacked) / (rows + past)
        error = math.sqrt(pooled * (1 - pooled) * (1 / rows + 1 / past))
        if share - usual >= MISSING_RISE and share - usual > MISSING_SCORE * error:
            yield Unlike(missing, f"{field}: missing {share:.0%}, before {usual:.0%}", entity, field)


@compares
def distribution_changed(receipt: Receipt, before: Sequence[Receipt]) -> Iterator[Unlike]:
    """Find fields whose codes are shared out unlike in all periods before together."""
    if len(before) < LEAST_PERIODS:
        return
    now, earlier = _figures(receipt, before)
    for place, counts in now.values.items():
        entity, _, field = place.partition(".")
        usual: dict[str, int] = {}
        for other in earlier:
            for code, rows in other.values.get(place, {}).items():
                usual[code] = usual.get(code, 0) + rows
        rows, past = sum(counts.values()), sum(usual.values())
        if rows < LEAST_RECORDS or past < LEAST_RECORDS:
            continue
        index = stability_index(counts, usual)
        if index > max(SHIFT, index_by_chance(len({*counts, *usual}), rows, past)):
            yield Unlike(rows, f"{field}: population stability index {index:.2f}", entity, field)


@compares
def tokens_other_key(receipt: Receipt, before: Sequence[Receipt]) -> Iterator[Unlike]:
    """Find deliveries whose people come back with tokens of their own."""
    now, earlier = _figures(receipt, before)
    found = now.tokens
    named, usual_key = _key_ids(receipt), next((keys for other in reversed(before) if (keys := _key_ids(other))), None)
    if named and usual_key:
        if not named <= usual_key:
            detail = f"the manifest names key {', '.join(sorted(named))}; before it was {', '.join(sorted(usual_key))}"
            yield Unlike(found.tokens if found else now.rows.get("person", 1), detail, "person")
        return
    if found is None:
        return
    if found.returned >= LEAST_PEOPLE:
        if found.same < OTHER_KEY_SHARE * found.returned and found.shared < OTHER_KEY_SHARE * found.tokens:
            detail = f"{found.same:,} of {found.returned:,} references that came before have the token they had"
            yield Unlike(found.tokens, detail, "person")
        return
    shares = [other.tokens.shared / other.tokens.tokens for other in earlier if other.tokens and other.tokens.tokens]
    if found.tokens < LEAST_RECORDS or len(shares) < LEAST_PERIODS or statistics.median(shares) < USUAL_OVERLAP:
        return
    if found.shared < LOST_OVERLAP * found.tokens:
        usual = statistics.median(shares)
        yield Unlike(
            found.tokens, f"{found.shared:,} of {found.tokens:,} tokens came before; usually {usual:.0%}", "person"
        )


def _key_ids(receipt: Receipt) -> set[str]:
    return {file.key_id for file in receipt.files if file.key_id}


def stability_index(now: dict[str, int], usual: dict[str, int]) -> float:
    """Return the population stability index of two tables of counts; half a row is added to each code."""
    codes = {*now, *usual}
    rows, past = (sum(table.values()) + 0.5 * len(codes) for table in (now, usual))
    shares = [((now.get(code, 0) + 0.5) / rows, (usual.get(code, 0) + 0.5) / past) for code in sorted(codes)]
    return sum((here - there) * math.log(here / there) for here, there in shares)


def index_by_chance(codes: int, rows: int, past: int) -> float:
    """Return the index that two samples of one population exceed 1 time in 1,000 (Wilson and Hilferty's chi-square)."""
    degrees = max(codes - 1, 1)
    part = 2 / (9 * degrees)
    return float(degrees * (1 - part + CHANCE_SCORE * math.sqrt(part)) ** 3 * (1 / rows + 1 / past))


def _figures(receipt: Receipt, before: Sequence[Receipt]) -> tuple[Figures, list[Figures]]:
    return receipt.figures or Figures(), [other.figures for other in before if other.figures]
