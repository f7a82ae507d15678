"""The closed grammar: a request is made of enumerated words, or it is refused with what is allowed.

No "not", no free range, no free text and no conjunction over months can be said here. Whether the *values* of a filter
exist is the catalogue's to say; whether the answer is dense enough is the gate's.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import quote

from orchestration.errors import ReleaseError
from orchestration.release.lattice import COARSER, DIMENSIONS, MEASURES, NEVER_TOGETHER, MeasureRule, period_level
from orchestration.release.policy import MOST_ATTRIBUTES, POLICIES

PERIOD_FORM = re.compile(r"all|Y\d{4}|\d{4}-Q[1-4]|\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)
LONGEST_WORD_SHOWN = 40
MOST_VALUES = 200
PLAIN_IN_VALUES = "+:/@"


class Refused(ReleaseError):  # noqa: N818 - the word that pages and people use
    """The gate does not answer: `reason` why, `allowed` what could be asked, `coarser` a request that is granted."""

    def __init__(self, reason: str, *, allowed: Iterable[str] = (), coarser: "Request | None" = None) -> None:
        self.reason = reason
        self.allowed = tuple(allowed)
        self.coarser = coarser
        parts = [reason]
        if self.allowed:
            parts.append(f"Allowed: {', '.join(self.allowed)}.")
        if coarser is not None:
            parts.append(f"This would be granted: {coarser.canonical()}.")
        super().__init__(" ".join(parts))


class NotPermitted(Refused):
    """No agreement lets the figure be served now, or not for this purpose and audience: nothing coarser would help."""


@dataclass(frozen=True)
class Request:
    """One question to the gate; equal requests have the same `canonical` text.

    `by` are the dimensions of the answer's rows in order, `where` the values chosen of a dimension (several values are
    answered as the sum of their published cells), `period` a code such as Y2025, 2025-Q1, 2025-03 or all.
    """

    measure: str
    by: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    period: str = "all"
    policy: str = "dashboard"

    def __post_init__(self) -> None:
        object.__setattr__(self, "by", tuple(self.by))
        where = {name: _values(name, values) for name, values in sorted(dict(self.where).items())}
        object.__setattr__(self, "where", MappingProxyType(where))
        _check(self)

    @classmethod
    def parse(
        cls,
        *,
        measure: str,
        by: Iterable[str] = (),
        where: Mapping[str, str | Iterable[str]] | Iterable[str] = (),
        period: str = "all",
        policy: str = "dashboard",
    ) -> "Request":
        """Build a request from texts: `by` may hold comma lists, `where` a mapping or texts "dimension=v1,v2"."""
        dimensions = [word.strip() for text in by for word in text.split(",") if word.strip()]
        return cls(measure=measure, by=tuple(dimensions), where=_parse_where(where), period=period, policy=policy)

    @property
    def rule(self) -> MeasureRule:
        """Return the measure's rule in the lattice."""
        return MEASURES[self.measure]

    @property
    def attributes(self) -> tuple[str, ...]:
        """Return the attributes that the answer is computed over: by and where, the coarser of a hierarchy left out."""
        named = {*self.by, *self.where}
        return tuple(sorted(name for name in named if not any(COARSER.get(other) == name for other in named)))

    def canonical(self) -> str:
        """Return the one text of this request, the key of caches and ledgers.

        Values are the only free text in it: what could pass for another part of a request is percent-encoded.
        """
        parts = [self.measure]
        if self.by:
            parts.append("by " + ",".join(self.by))
        parts += [
            f"where {name}={','.join(quote(value, safe=PLAIN_IN_VALUES) for value in values)}"
            for name, values in self.where.items()
        ]
        return " ".join([*parts, f"period {self.period}", f"policy {self.policy}"])

    def __hash__(self) -> int:
        return hash(self.canonical())


def _values(name: str, values: str | Iterable[str]) -> tuple[str, ...]:
    listed = (values,) if isinstance(values, str) else tuple(values)
    if not listed or not all(isinstance(value, str) and value for value in listed):
        raise Refused(f"The filter '{_shown(name)}' names no value.")
    if len(listed) > MOST_VALUES:
        raise Refused(f"The filter '{_shown(name)}' names {len(listed)} values; at most {MOST_VALUES} are allowed.")
    return tuple(sorted(set(listed)))


def _parse_where(where: Mapping[str, str | Iterable[str]] | Iterable[str]) -> dict[str, tuple[str, ...]]:
    pairs: list[tuple[str, list[str]]] = []
    if isinstance(where, Mapping):
        for name, values in where.items():
            texts = [values] if isinstance(values, str) else list(values)
            pairs.append((name, [value for text in texts for value in text.split(",")]))
    else:
        for text in where:
            name, sign, values_text = text.partition("=")
            if not sign:
                raise Refused(f"'{_shown(text)}' is not a filter: expected dimension=value.")
            pairs.append((name.strip(), values_text.split(",")))
    merged: dict[str, tuple[str, ...]] = {}
    for name, texts in pairs:
        merged[name] = (*merged.get(name, ()), *(text.strip() for text in texts if text.strip()))
    return merged


def _shown(word: str) -> str:
    """Return a word that is safe to print back: short, and nothing but printable ASCII."""
    return "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in str(word))[
        :LONGEST_WORD_SHOWN
    ]


def _check(request: Request) -> None:
    if request.measure not in MEASURES:
        raise Refused(f"There is no measure '{_shown(request.measure)}'.", allowed=MEASURES)
    if request.policy not in POLICIES:
        raise Refused(f"There is no release policy '{_shown(request.policy)}'.", allowed=POLICIES)
    rule = request.rule
    for name in (*request.by, *request.where):
        if name not in rule.dimensions:
            known = "is not a dimension of" if name in DIMENSIONS else "is no dimension at all, nor one of"
            raise Refused(f"'{_shown(name)}' {known} the measure '{rule.name}'.", allowed=rule.dimensions)
    if len(set(request.by)) != len(request.by):
        raise Refused("A dimension is named twice in 'by'.")
    _check_period(request)
    _check_combination(request)


def _check_period(request: Request) -> None:
    rule = request.rule
    if not isinstance(request.period, str) or not PERIOD_FORM.fullmatch(request.period):
        raise Refused(
            f"'{_shown(request.period)}' is not a period.", allowed=("all", "Y2025 (a year)", "2025-Q1", "2025-03")
        )
    level = period_level(request.period)
    if level not in rule.levels:
        raise Refused(f"The measure '{rule.name}' is not published by {level}.", allowed=rule.levels)
    if "month" in request.attributes and level == "month":
        raise Refused("The period is one month already: leave out the dimension 'month'.")


def _check_combination(request: Request) -> None:
    named = {*request.by, *request.where}
    for finer, coarser in COARSER.items():
        if {finer, coarser} <= named and not (
            finer in request.by and coarser not in request.by and finer not in request.where
        ):
            raise Refused(
                f"'{finer}' and '{coarser}' are levels of one hierarchy: use one of them, or '{finer}' in by with "
                f"'{coarser}' in where."
            )
    for together in NEVER_TOGETHER:
        if together <= named:
            raise Refused(f"{' and '.join(sorted(together))} may not be combined: they would cut areas into slivers.")
    used = set(request.attributes)  # a coarser level that only chooses among the finer one's values is none of them
    relations = [relation for relation in request.rule.needed if set(relation) <= used]
    of_relations = {name for relation in request.rule.needed for name in relation} & used
    if request.rule.needed and (len(relations) != 1 or not of_relations <= set(relations[0])):
        raise Refused(
            f"The measure '{request.rule.name}' needs one of these sets of dimensions, whole, in by or where.",
            allowed=(" + ".join(relation) for relation in request.rule.needed),
        )
    refuse_attributes(request, most=MOST_ATTRIBUTES)


def refuse_attributes(request: Request, *, most: int) -> None:
    """Refuse a request of too many attributes: here the product's limit, in the gate the policy's, if less."""
    if len(request.attributes) > most:
        raise Refused(
            f"{len(request.attributes)} attributes ({', '.join(request.attributes)}) are too many: at most {most}, "
            "filters counted."
        )
