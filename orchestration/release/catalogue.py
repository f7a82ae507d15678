"""The catalogue: everything that may be asked of a snapshot, with labels. A page builds its menus from it."""

from dataclasses import dataclass
from functools import cached_property

from orchestration.release import words
from orchestration.release.directory import Directory, Need, Persona, Place, Service, Theme
from orchestration.release.lattice import COARSER, DIMENSIONS, MEASURES

LONGEST_ABBREVIATION = 3


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a dimension; `parent` is the value of the coarser dimension that it nests in."""

    code: str
    label: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension with its allowed values in reading order (`theme_set` has none: they come with answers)."""

    name: str
    label: str
    definition: str
    values: tuple[Value, ...]

    def label_of(self, code: str) -> str:
        """Return the label of a code, or the code itself."""
        return next((value.label for value in self.values if value.code == code), code)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: its words, dimensions, period levels, and the dimension sets of which one is needed (`relation`)."""

    name: str
    label: str
    unit: str
    definition: str
    dimensions: tuple[str, ...]
    levels: tuple[str, ...]
    relation: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class PeriodEntry:
    """One period: `level` month, quarter, year or all; `year_code` the reporting year around it."""

    code: str
    label: str
    level: str
    year_code: str


@dataclass(frozen=True)
class Catalogue:
    """What can be asked of one snapshot."""

    snapshot_id: str
    data_to: str
    directory: Directory

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """Return the measures by name."""
        return {
            name: Measure(
                name, words.MEASURES[name].label, words.MEASURES[name].unit, words.MEASURES[name].definition,
                rule.dimensions, rule.levels, rule.needed,
            )
            for name, rule in MEASURES.items()
        }  # fmt: skip

    @cached_property
    def dimensions(self) -> dict[str, Dimension]:
        """Return the dimensions by name, each with its values."""
        return {
            name: Dimension(name, words.DIMENSIONS[name].label, words.DIMENSIONS[name].definition, self._values(name))
            for name in DIMENSIONS
        }

    @cached_property
    def periods(self) -> tuple[PeriodEntry, ...]:
        """Return all periods, oldest first, months before the quarter and year that hold them."""
        return tuple(
            PeriodEntry(period.code, period.label, period.level, period.year_code)
            for period in self.directory.periods.values()
        )

    @property
    def services(self) -> tuple[Service, ...]:
        """Return the services of the directory."""
        return self.directory.services

    @property
    def themes(self) -> tuple[Theme, ...]:
        """Return the themes in the order of their index."""
        return self.directory.themes

    @property
    def personas(self) -> tuple[Persona, ...]:
        """Return the personas of the area pack, then its policy lenses."""
        return self.directory.personas

    @property
    def needs(self) -> tuple[Need, ...]:
        """Return the needs of the area's list."""
        return self.directory.needs

    @property
    def areas(self) -> tuple[Place, ...]:
        """Return msoas and lads with their public population."""
        return self.directory.areas

    def periods_of(self, level: str) -> tuple[PeriodEntry, ...]:
        """Return the periods of one level, oldest first."""
        return tuple(period for period in self.periods if period.level == level)

    def codes(self, dimension: str) -> tuple[str, ...]:
        """Return the allowed codes of a dimension in reading order."""
        return tuple(value.code for value in self.dimensions[dimension].values)

    def _of_the_pack(self, name: str) -> tuple[Persona | Need, ...]:
        if name == "need":
            return self.needs
        return self.personas if name == "persona" else ()

    def _values(self, name: str) -> tuple[Value, ...]:
        fixed = words.DIMENSIONS[name].codes
        if fixed:
            return tuple(
                Value(code, label, self.directory.parent_code(name, code) if name in COARSER else None)
                for code, label in fixed
            )
        if name in ("msoa", "lad"):
            places = [Value(area.code, area.name, area.parent) for area in self.areas if area.level == name]
            return (*places, Value("unknown", words.SPECIAL_CODES["unknown"]))
        if name == "month":
            return tuple(Value(period.code, period.label) for period in self.periods_of("month"))
        if name == "payer":
            return tuple(Value(payer, _named(payer)) for payer in self.directory.payers)
        if name in ("theme_set", "persona", "need"):
            listed: tuple[Persona | Need, ...] = self._of_the_pack(name)
            return tuple(Value(one.code, one.name) for one in listed)
        if name.endswith("service") or name.startswith("service"):
            values = tuple(Value(service.code, service.name, service.theme) for service in self.services)
        else:
            values = tuple(Value(theme.code, theme.name) for theme in self.themes)
        start = (Value("START", words.SPECIAL_CODES["START"]),) if name.startswith("from_") else ()
        ends = ("END", "none", "other") if name == "to_theme" else ("END",) if name == "to_service" else ()
        return (*start, *values, *(Value(code, words.SPECIAL_CODES[code]) for code in ends))


def _named(payer: str) -> str:
    """Return a payer as the pack names it, with a capital, an abbreviation of up to three letters in capitals."""
    return payer.upper() if len(payer) <= LONGEST_ABBREVIATION else payer[:1].upper() + payer[1:]
