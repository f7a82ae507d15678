"""The disclosure engine: true cells in, published cells out.

Order of the rules (DISCLOSURE section 5): noise by cell key, threshold on the noisy value, noisy complement guard on
every dimension, rounding. Every decision uses noisy values only. Sparsity and sums of published cells come after
(answers.py); words and labels never appear here.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import NamedTuple, Protocol

import duckdb

from orchestration.release.cells import Cells, Code, Period, count_cells, sum_amounts
from orchestration.release.directory import Directory
from orchestration.release.enclosing import enclosing_tables
from orchestration.release.known_cells import KnownCells
from orchestration.release.lattice import COARSER, MEASURES, POPULATIONS, SERVICE_VALUED, SINGLE_VALUED, THEME_VALUED
from orchestration.release.noise import Noise
from orchestration.release.overlap import between_personas
from orchestration.release.policy import Policy

Published = dict[Code, int]  # only visible cells are in it
Counted = tuple[int, int]


class Evidence(NamedTuple):
    """What one cell is decided on: its true count and key, and those of every complement that guards it."""

    counted: Counted
    complements: tuple[Counted, ...] = ()
    amounts: tuple[int, ...] = ()  # of a sum: the sum itself, the largest and the second largest contribution


EvidenceTable = Mapping[Code, Evidence]

# Measures whose cells of a period lie inside the same cell of the next longer one. Age and area are those of the
# reporting year, so a year nests in the whole window only nearly: see `_complement`.
NESTED_IN_TIME = frozenset(
    (
        "people",
        "households",
        "people_using_both",
        "transitions",
        "entries",
        "journey_steps",
        "starts",
        "exits",
        "returns",
        "waits",
        "stays",
        "needs",
        "people_costed",
    )
)
# What people and households are at a date, which the whole window takes at another date than a year.
DATED = frozenset(("age_group", "age_band", "msoa", "lad", "deprivation", "household_type", *POPULATIONS))
# What changes meaning with the period, and so does not nest in the longer period's figure of the same name.
OWN_TO_PERIOD = frozenset(("services_used", "services_at_once", "months_used"))
NOBODY = (0, 0)
# Of a sum (DISCLOSURE rule 6): hidden when two people make 90 % of it (NK rule); one step of noise is at least this
# share of the largest contribution, so that its standard deviation is a third of what any one person adds.
MOST_OF_TWO = 0.9
NOISE_OF_LARGEST = 0.2
NEVER_FEWER = 5  # no policy can show a cell of fewer people, so nothing is gathered about its complements
NEVER_DROPPED = frozenset(("step",))
OTHER = "other"


class Protection(Protocol):
    """How one cell is protected. Weak ones exist in the tests only, to prove that the attacks have teeth."""

    def publish(self, counted: Counted, complements: Iterable[Counted], threshold: int) -> int | None:
        """Return the published figure, or None for hidden."""
        ...

    def publish_sum(self, evidence: Evidence) -> int | None:
        """Return the published sum of a cell whose people are shown, or None for hidden."""
        raise NotImplementedError


class CellKeyProtection:
    """Noise by cell key, threshold, noisy complement guard, rounding."""

    def __init__(self, noise: Noise, policy: Policy) -> None:
        self._noise = noise
        self._policy = policy

    def publish(self, counted: Counted, complements: Iterable[Counted], threshold: int) -> int | None:
        """Return the rounded noisy count, or None when it or a noisy complement is below the threshold."""
        noisy = self._noisy_if_at_least(counted, threshold)
        if noisy is None:
            return None
        if any(self._noisy_if_at_least(complement, threshold) is None for complement in complements):
            return None
        return self._policy.round_count(noisy)

    def publish_sum(self, evidence: Evidence) -> int | None:
        """Return the sum with noise of the size of what people contribute, or None when one or two people make it.

        A sum of ones is a count: its noise is never less than that of the count, times the mean contribution.
        """
        (count, cell_key), (amount, largest, second) = evidence.counted, evidence.amounts
        if largest + second > MOST_OF_TWO * amount:
            return None
        step = max(NOISE_OF_LARGEST * largest, amount / count)
        noisy = amount + round(step * self._noise.change(count, cell_key, use="sum"))
        return max(self._policy.threshold, self._policy.round_count(noisy))

    def _noisy_if_at_least(self, counted: Counted, threshold: int) -> int | None:
        count, cell_key = counted
        if count < threshold - self._policy.largest_noise:
            return None  # no noise could lift it: saves the hash, decides the same
        noisy = self._noise.perturb(count, cell_key)
        return noisy if noisy >= threshold else None


class Engine:
    """Answers for one snapshot and one policy: whole protected tables of a set of attributes."""

    def __init__(
        self, directory: Directory, policy: Policy, protection: Protection, known: KnownCells | None = None
    ) -> None:
        """Answer with the directory of the snapshot that is asked; `known` are counts of the same snapshot."""
        self._known = known
        self._directory = directory
        self._policy = policy
        self._protection = protection

    def protect(
        self, cursor: duckdb.DuckDBPyConnection, *, measure: str, attributes: tuple[str, ...], period: Period
    ) -> Published:
        """Return the visible cells of the whole table over the attributes (in their order), rounded."""
        gathered = self.gather(cursor, measure=measure, attributes=attributes, period=period)
        return self.decide(gathered, measure=measure, attributes=attributes)

    def gather(
        self, cursor: duckdb.DuckDBPyConnection, *, measure: str, attributes: tuple[str, ...], period: Period
    ) -> EvidenceTable:
        """Return what each cell of the whole table is decided on; no policy's numbers are in it.

        The table is whole, whatever the filters of a request, so that a cell has one figure and one visibility.
        """

        @cache
        def count(dimensions: tuple[str, ...], during: Period = period, of: str = measure) -> Cells:
            def anew() -> Cells:
                return count_cells(cursor, measure=of, dimensions=dimensions, period=during)

            return anew() if self._known is None else self._known.get((of, dimensions, during.code), anew)

        if "month" in attributes and period.level == "all" and not OWN_TO_PERIOD & set(attributes):
            # Age and area of a month are those of its year, so that a month's cell is one set of people, asked
            # for as a row of the whole window, as a row of its year or as a period.
            years = (
                self.gather(cursor, measure=measure, attributes=attributes, period=year)
                for year in self._directory.years
            )
            return {code: evidence for gathered in years for code, evidence in gathered.items()}
        if MEASURES[measure].sums:
            contributors = MEASURES[measure].contributors
            people = self.gather(cursor, measure=contributors, attributes=attributes, period=period)
            amounts = sum_amounts(cursor, measure=measure, dimensions=attributes, period=period)
            return {
                # Those who add something to the sum must be enough too: users without a cost do not hide anybody.
                code: evidence._replace(complements=(*evidence.complements, amounts[code][0]), amounts=amounts[code][1])
                for code, evidence in people.items()
                if code in amounts
            }
        cells = count(attributes)
        parents = [
            self._parents(count, cells, attributes=attributes, index=index)
            for index, name in enumerate(attributes)
            if name not in NEVER_DROPPED and name not in MEASURES[measure].guarded_as_they_are
        ]
        if measure in NESTED_IN_TIME and not OWN_TO_PERIOD & set(attributes):
            parents.append(self._in_wider_periods(count, cells, attributes=attributes, period=period))
        for table in enclosing_tables(self._directory, measure, attributes, cells):
            if len(table.dimensions) > self._policy.most_attributes:
                continue  # nobody can ask for it
            wider = count(table.dimensions, of=table.measure)
            parents.append({code: wider.get(around, NOBODY) for code, around in table.around.items()})
        apart = between_personas(count, cells, attributes) if "persona" in attributes else {}
        gathered = {
            code: Evidence(
                counted,
                (*(_complement(parent[code], counted) for parent in parents if code in parent), *apart.get(code, ()))
                if counted[0] >= NEVER_FEWER
                else (),
            )
            for code, counted in cells.items()
        }
        if "theme_set" not in attributes:
            return gathered
        index = attributes.index("theme_set")  # named from here on: what a bit stands for may change with a snapshot
        return {
            (*code[:index], self._directory.theme_set_code(int(code[index])), *code[index + 1 :]): evidence
            for code, evidence in gathered.items()
        }

    def decide(self, gathered: EvidenceTable, *, measure: str, attributes: tuple[str, ...]) -> Published:
        """Return the visible cells under the policy, rounded; where the measure says so, rare ones pooled."""
        merged = MEASURES[measure].merges_into_other
        if merged is None or merged not in attributes:
            return self._publish(gathered, attributes)
        return self._publish_merged(gathered, attributes, merged)

    def _publish(self, gathered: EvidenceTable, attributes: tuple[str, ...]) -> Published:
        published = {}
        for code, evidence in gathered.items():
            figure = self._protection.publish(evidence.counted, evidence.complements, self._threshold(attributes, code))
            if figure is not None and evidence.amounts:
                figure = self._protection.publish_sum(evidence)
            if figure is not None:
                published[code] = figure
        return published

    def _publish_merged(self, gathered: EvidenceTable, attributes: tuple[str, ...], merged: str) -> Published:
        """Publish, and pool the hidden values of one dimension into "other", itself a cell with all its guards."""
        published = self._publish(gathered, attributes)
        index = attributes.index(merged)
        pools: dict[Code, Counted] = defaultdict(lambda: NOBODY)
        sizes: dict[Code, int] = defaultdict(int)
        thresholds: dict[Code, int] = defaultdict(int)
        wholes: dict[Code, Counted] = defaultdict(lambda: NOBODY)
        for code, evidence in gathered.items():
            counted = evidence.counted
            pool = (*code[:index], OTHER, *code[index + 1 :])
            wholes[pool] = _union(wholes[pool], counted)
            if code not in published:
                pools[pool] = _union(pools[pool], counted)
                sizes[pool] += 1
                thresholds[pool] = max(thresholds[pool], self._threshold(attributes, code))
        for pool, counted in pools.items():
            if sizes[pool] == 1:
                continue  # a pool of one value would be the figure that its guards hid
            figure = self._protection.publish(counted, [_complement(wholes[pool], counted)], thresholds[pool])
            if figure is not None:
                published[pool] = figure
        return published

    def _parents(
        self,
        count: Callable[..., Cells],
        cells: Cells,
        *,
        attributes: tuple[str, ...],
        index: int,
    ) -> dict[Code, Counted]:
        """Return for each cell the cell around it when one dimension is dropped, or coarsened where it nests.

        The nearest enclosing cell has the smallest complement, so guarding that one guards the larger ones. A value
        that is alone in its coarser value is guarded against the next one up: their sets are the same by definition.
        """
        name = attributes[index]
        coarser = COARSER.get(name)
        dropped = (*attributes[:index], *attributes[index + 1 :])
        coarsened = (*attributes[:index], coarser or "", *attributes[index + 1 :])

        def around(code: Code) -> Code:
            parent = self._directory.coarser_code(name, code[index]) if coarser else None
            middle = () if parent is None else (parent,)
            return (*code[:index], *middle, *code[index + 1 :])

        if name in SINGLE_VALUED:
            sums: Cells = defaultdict(lambda: NOBODY)
            for code, counted in cells.items():
                # Into both, because a value that is alone in its coarser value is guarded against everybody.
                for parent in {around(code), (*code[:index], *code[index + 1 :])}:
                    sums[parent] = _union(sums[parent], counted)
            return {code: sums[around(code)] for code in cells}
        wider: Cells = {}
        lengths = {len(around(code)) for code in cells}
        for dimensions in (dropped, coarsened) if coarser else (dropped,):
            if len(dimensions) in lengths:
                wider |= count(dimensions)
        return {code: wider[around(code)] for code in cells}

    def _in_wider_periods(
        self, count: Callable[..., Cells], cells: Cells, *, attributes: tuple[str, ...], period: Period
    ) -> dict[Code, Counted]:
        """Return for each cell the same cell of the next longer period: of a month's row, that of the month."""

        @cache
        def wider_period(own: str, months: int | None) -> Period | None:
            return self._directory.wider_period(self._directory.periods[own], months)

        index = attributes.index("month") if "month" in attributes else None
        others = tuple(name for name in attributes if name != "month")
        wider: dict[Code, Counted] = {}
        for code in cells:
            around = wider_period(period.code if index is None else code[index], self._months_of(attributes, code))
            if around is not None:
                inside = code if index is None else (*code[:index], *code[index + 1 :])
                wider[code] = count(others, around).get(inside, NOBODY)
        return wider

    def _months_of(self, attributes: tuple[str, ...], code: Code) -> int | None:
        """Return the months in which anybody used the services or themes of a cell; None where that decides nothing.

        What people are at a date (age, area) may differ between a year and the whole window, so that a service that
        began in the year is not the same cell in both.
        """
        if DATED & set(attributes):
            return None
        months = 0
        for name, value in zip(attributes, code, strict=True):
            if name in SERVICE_VALUED or name in THEME_VALUED:
                months |= self._directory.months_of(value)
        return months or None

    def _threshold(self, attributes: tuple[str, ...], code: Code) -> int:
        for name, value in zip(attributes, code, strict=True):
            sensitive = (
                (name in SERVICE_VALUED and value in self._directory.sensitive_services)
                or (name in THEME_VALUED and value in self._directory.sensitive_themes)
                or (name == "persona" and value in self._directory.sensitive_personas)
                or (name == "need" and value in self._directory.sensitive_needs)
                or (name == "theme_set" and not self._directory.sensitive_themes.isdisjoint(value.split("+")))
            )
            if sensitive:
                return self._policy.sensitive_threshold
        return self._policy.threshold


def _union(one: Counted, other: Counted) -> Counted:
    """Return the cell of two disjoint cells together."""
    return one[0] + other[0], one[1] ^ other[1]


def _complement(parent: Counted, child: Counted) -> Counted:
    """Return the rest of a parent without a child inside it: XOR keys make its key free of charge.

    Where the two only nearly nest, their difference in number stands for it: at least as many people as that are in
    one of them and not in the other.
    """
    return abs(parent[0] - child[0]), parent[1] ^ child[1]
