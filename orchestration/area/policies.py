"""`release_policies` of `area.yaml`: how figures about people are hidden and rounded, by audience and topic.

What belongs here: the numbers that an area may set, which of them are looser than what was measured, and the recorded
decisions that loosening needs. What does not: noise, keys and what the numbers do (orchestration/release).
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pydantic import Field

from orchestration.area.reading import Origins, PackModel, model_of, place, read_mapping
from orchestration.errors import AreaPackError

# What the attacks were measured with (docs/explanation/disclosure.md): True when a larger number is the safer one.
MEASURED: dict[str, tuple[float, bool]] = {
    "threshold": (10, True),
    "sensitive_threshold": (20, True),
    "rounding_base": (5, True),
    "smallest_base": (100, True),
    "largest_hidden_share": (0.5, False),
}
SENSITIVE_FLOOR = 20
KEY = "release_policies"


class ReleasePolicy(PackModel):
    """One named policy. Counts are people (or households, spells); shares are 0-1."""

    threshold: int = Field(
        default=10, ge=10, le=1000, description="smallest figure shown; 10 keeps 5 real people behind each, always"
    )
    sensitive_threshold: int = Field(
        default=20, ge=10, le=1000, description="the same for sensitive services and themes"
    )
    rounding_base: int = Field(default=5, ge=1, le=100, description="figures are rounded to the nearest of these")
    most_attributes: int = Field(default=3, ge=1, le=3, description="dimensions in one question, filters counted")
    largest_hidden_share: float = Field(default=0.5, gt=0, le=1, description="a table hidden by more is refused")
    smallest_base: int = Field(default=100, ge=10, description="a selection of fewer is not divided further")
    decision: str | None = Field(default=None, description="id of the recorded decision that allows a looser number")

    def loosened(self) -> tuple[str, ...]:
        """Return the keys whose numbers are looser than what was measured."""
        return tuple(
            name
            for name, (floor, larger_is_safer) in MEASURED.items()
            if (getattr(self, name) < floor if larger_is_safer else getattr(self, name) > floor)
        )


class PublicPolicy(ReleasePolicy):
    """Figures for anybody: nothing limits how many questions are asked, or by whom."""

    threshold: int = Field(default=20, ge=10, le=1000)
    sensitive_threshold: int = Field(default=30, ge=10, le=1000)
    rounding_base: int = Field(default=10, ge=1, le=100)


class SensitivePolicy(ReleasePolicy):
    """Figures about sensitive topics. Its threshold is also the least that any policy has for those topics."""

    threshold: int = Field(default=20, ge=10, le=1000)
    themes: tuple[str, ...] = Field(default=(), description="themes of services.csv that are sensitive as a whole")
    services: tuple[str, ...] = Field(default=(), description="services that are sensitive, beside those so marked")

    def loosened(self) -> tuple[str, ...]:
        """Return the keys whose numbers are looser than what was measured: here 20 is the floor."""
        own = ("threshold",) if self.threshold < SENSITIVE_FLOOR else ()
        return (*own, *super().loosened())


class Decision(PackModel):
    """A recorded decision to release more than was measured to be safe."""

    taken_on: date
    taken_by: str = Field(min_length=3, description="who answers for it, by role")
    reason: str = Field(min_length=10, description="why, and what else protects the people counted")


class Swapping(PackModel):
    """Shares of people whose neighbourhood is exchanged with that of somebody like them, once and for good."""

    rare: float = Field(default=0.5, ge=0, le=1, description="of those almost alone in their area, age, sex and origin")
    others: float = Field(default=0.03, ge=0, le=0.5, description="of everybody else, so that a rarity proves nothing")
    decision: str | None = Field(default=None, description="id of the recorded decision that allows smaller shares")

    def loosened(self) -> tuple[str, ...]:
        """Return the keys whose shares are smaller than what was measured."""
        return tuple(
            name for name, own, measured in (("rare", self.rare, 0.5), ("others", self.others, 0.03)) if own < measured
        )


class ReleasePolicies(PackModel):
    """All policies of an area. What is not said is as measured."""

    dashboard: ReleasePolicy = ReleasePolicy()
    public: PublicPolicy = PublicPolicy()
    sensitive: SensitivePolicy = SensitivePolicy()
    swapping: Swapping = Swapping()
    decisions: dict[str, Decision] = Field(default={}, description="recorded decisions by their id")

    def named(self) -> dict[str, ReleasePolicy]:
        """Return the policies by name."""
        return {"dashboard": self.dashboard, "public": self.public, "sensitive": self.sensitive}

    @property
    def finest_base(self) -> int:
        """Return the smallest rounding base of all: figures of every policy are made from those rounded to it."""
        return min(policy.rounding_base for policy in self.named().values())


def release_policies(area_dir: Path) -> ReleasePolicies:
    """Return the release policies of a pack, read alone: the gate needs nothing else of it."""
    area_yaml = area_dir / "area.yaml"
    data, lines = read_mapping(area_yaml)
    said = data.get("release_policies")
    origins = {location[1:]: (area_yaml, line) for location, line in lines.items() if location[:1] == (KEY,)}
    policies = model_of(ReleasePolicies, {} if said is None else said, {(): (area_yaml, 1)} | origins)
    check_policies(area_yaml, policies)
    return policies


def check_policies(
    area_yaml: Path, policies: ReleasePolicies, *, themes: set[str] | None = None, services: set[str] | None = None
) -> None:
    """Raise AreaPackError with every fault of the policies of a file, each as file, line and key.

    `themes` and `services` are those of services.csv; None leaves the topics unchecked.
    """
    _data, lines = read_mapping(area_yaml)
    origins: Origins = {location: (area_yaml, line) for location, line in lines.items()}
    faults = [
        f"{place(origins, (KEY, *location))}: {fault}"
        for location, fault in (*_faults(policies), *_unknown_topics(policies.sensitive, themes, services))
    ]
    if faults:
        raise AreaPackError("\n".join(faults))


def _faults(policies: ReleasePolicies) -> Iterator[tuple[tuple[str, ...], str]]:
    for name, policy in policies.named().items():
        if policy.sensitive_threshold < policy.threshold:
            yield (name, "sensitive_threshold"), f"must be at least the threshold, {policy.threshold}."
        if policy.threshold % policy.rounding_base or policy.sensitive_threshold % policy.rounding_base:
            yield (name, "rounding_base"), "thresholds must be multiples of the rounding base."
        if policy.rounding_base % policies.finest_base:
            yield (
                (name, "rounding_base"),
                f"must be a multiple of {policies.finest_base}, the smallest rounding base of the policies: figures of "
                "two policies laid side by side would otherwise tell more than either.",
            )
        loosened = policy.loosened()
        if loosened and policy.decision is None:
            yield (
                (name, loosened[0]),
                f"{', '.join(loosened)} of the policy '{name}' is looser than what was measured to be safe: name the "
                "recorded decision that allows it (key 'decision'), or leave the number out.",
            )
    swapping = policies.swapping
    decided = {name: policy.decision for name, policy in policies.named().items()} | {"swapping": swapping.decision}
    for name, decision in decided.items():
        if decision is not None and decision not in policies.decisions:
            yield (name, "decision"), f"'{decision}' is not recorded under release_policies.decisions."
    if swapping.loosened() and swapping.decision is None:
        yield ("swapping",), "swapping less than was measured needs a recorded decision (key 'decision' beside it)."


def _unknown_topics(
    policy: SensitivePolicy, themes: set[str] | None, services: set[str] | None
) -> Iterator[tuple[tuple[str, ...], str]]:
    for key, named, known in (("themes", policy.themes, themes), ("services", policy.services, services)):
        for strange in sorted(set(named) - (set(named) if known is None else known)):
            yield (
                ("sensitive", key),
                f"'{strange}' is not in services.csv (there are {', '.join(sorted(known or ())[:20])}).",
            )
