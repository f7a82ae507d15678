"""What the snapshot says about services, themes, areas and periods: the values of requests, and how they nest."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import duckdb

from orchestration.release.cells import Period
from orchestration.release.lattice import AGE_GROUP_OF

LEVELS = ("month", "quarter", "year", "all")


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the directory; `months` is the mask of those in which anybody used it."""

    code: str
    name: str
    theme: str
    is_sensitive: bool
    months: int = 0

    @property
    def in_use(self) -> bool:
        """Whether the snapshot holds any use of it."""
        return self.months != 0


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme; `index` is its bit in theme masks."""

    code: str
    name: str
    index: int


@dataclass(frozen=True, slots=True)
class Persona:
    """One persona (a situation) or lens (a policy's population) of the area pack; `rests_on` codes of its rule."""

    code: str
    name: str
    kind: str
    situation: str
    version: str
    rests_on: frozenset[str] = frozenset()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """One need of the area's list; `themes` whose services meet it."""

    code: str
    name: str
    themes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """One area: `level` msoa or lad, `parent` the lad of an msoa, `population` a public estimate (None: not loaded)."""

    code: str
    name: str
    level: str
    parent: str | None
    population: int | None


@dataclass(frozen=True)
class Directory:
    """The reference side of one snapshot. No figure in it comes from people's records."""

    services: tuple[Service, ...]
    themes: tuple[Theme, ...]
    areas: tuple[Place, ...]
    periods: dict[str, Period]
    personas: tuple[Persona, ...] = ()
    needs: tuple[Need, ...] = ()
    payers: tuple[str, ...] = ()
    observed_months: int = -1  # mask of the months in which anything was used at all

    @cached_property
    def sensitive_services(self) -> frozenset[str]:
        """Codes of services whose sensitivity is 'sensitive'."""
        return frozenset(service.code for service in self.services if service.is_sensitive)

    @cached_property
    def themes_of_services(self) -> dict[str, str]:
        """The theme of each service."""
        return {service.code: service.theme for service in self.services}

    @cached_property
    def sensitive_themes(self) -> frozenset[str]:
        """Codes of themes that hold at least one sensitive service."""
        return frozenset(service.theme for service in self.services if service.is_sensitive)

    @cached_property
    def sensitive_needs(self) -> frozenset[str]:
        """Codes of needs that a sensitive theme meets."""
        return frozenset(need.code for need in self.needs if not need.themes.isdisjoint(self.sensitive_themes))

    @cached_property
    def sensitive_personas(self) -> frozenset[str]:
        """Codes of personas whose rule rests on a sensitive service, theme or need."""
        sensitive = self.sensitive_services | self.sensitive_themes | self.sensitive_needs
        return frozenset(persona.code for persona in self.personas if not persona.rests_on.isdisjoint(sensitive))

    def parent_code(self, dimension: str, code: str) -> str | None:
        """Return the value of the coarser level that holds a value, None when there is none."""
        return self._parents[dimension].get(code)

    def coarser_code(self, dimension: str, code: str) -> str | None:
        """Return the value of the coarser level, or None when the value is alone there: then both are one set."""
        return None if code in self._alone[dimension] else self._parents[dimension].get(code)

    def is_alone(self, dimension: str, code: str) -> bool:
        """Return whether a value is the only one in use of its coarser value."""
        return code in self._alone[dimension]

    def is_only_service(self, theme: str) -> bool:
        """Return whether at most one service in use has a theme."""
        return sum(service.in_use and service.theme == theme for service in self.services) < 2

    def theme_mask(self, theme: str) -> int:
        """Return the mask of one theme alone."""
        return next((1 << one.index for one in self.themes if one.code == theme), 0)

    def theme_of(self, code: str) -> str:
        """Return the theme of a service, and of START and END themselves."""
        return self._parents["service"].get(code, code)

    def months_of(self, code: str) -> int:
        """Return the mask of the months in which anybody used a service, or any service of a theme; 0 of others."""
        return self._months.get(code, 0)

    def wider_period(self, period: Period, observed: int | None = None) -> Period | None:
        """Return the nearest period around one that holds data of other months too, None when there is none.

        A period that has no data beyond those of the one inside it (the first month of a new year; with `observed`,
        the months of the services in question, the first year of a new partner) is the same people by definition, so
        that there is nothing to subtract.
        """
        months = self.observed_months if observed is None else observed
        own = period.month_mask
        for level in LEVELS[LEVELS.index(period.level) + 1 :]:
            for around in self.periods.values():
                if around.level == level and around.month_mask & own == own:
                    if (around.month_mask ^ own) & months:
                        return around
                    break
        return None

    @cached_property
    def periods_over(self) -> frozenset[str]:
        """Codes of the periods that ended before the newest month with data; the whole window is never over."""
        newest = self.observed_months.bit_length()
        return frozenset(
            code
            for code, period in self.periods.items()
            if period.level != "all" and period.month_mask.bit_length() < newest
        )

    @cached_property
    def years(self) -> tuple[Period, ...]:
        """The reporting years, oldest first."""
        return tuple(period for period in self.periods.values() if period.level == "year")

    def theme_set_code(self, mask: int) -> str:
        """Return the published code of a theme mask: theme codes in the order of their index, joined by '+'."""
        return "+".join(theme.code for theme in sorted(self.themes, key=_by_index) if mask >> theme.index & 1)

    @cached_property
    def _months(self) -> dict[str, int]:
        months: dict[str, int] = defaultdict(int)
        for service in self.services:
            months[service.code] |= service.months
            months[service.theme] |= service.months
        return months

    @cached_property
    def _parents(self) -> dict[str, dict[str, str]]:
        return {
            "age_band": AGE_GROUP_OF,
            "service": {service.code: service.theme for service in self.services},
            "msoa": {area.code: area.parent for area in self.areas if area.level == "msoa" and area.parent},
        }

    @cached_property
    def _alone(self) -> dict[str, frozenset[str]]:
        # A service without data has no siblings' figures to be confused with: only services in use are counted.
        in_use = {service.code: service.theme for service in self.services if service.in_use}
        return {
            "age_band": _only_children(AGE_GROUP_OF),
            "service": _only_children(in_use),
            "msoa": _only_children(self._parents["msoa"]),
        }


def read_directory(cursor: duckdb.DuckDBPyConnection, *, sensitive: Collection[str] = ()) -> Directory:
    """Read services, themes, areas and periods from a snapshot; `sensitive` names services and themes that are so."""
    services = cursor.execute(
        "select service_id, service_name, theme, sensitivity = 'sensitive', coalesce(month_mask, 0) "
        "from serving.srv_service left join (select service_id, bit_or(month_mask) as month_mask "
        "from serving.srv_person_service group by service_id) using (service_id) order by service_name, service_id"
    ).fetchall()
    themes = cursor.execute(
        "select theme, theme_name, theme_index from serving.srv_theme order by theme_index"
    ).fetchall()
    areas = cursor.execute(
        "select area_code, area_name, level, parent_code, population from serving.srv_area order by level, area_name"
    ).fetchall()
    periods = cursor.execute(
        "select period_code, period_label, period_level, year_code, month_mask, month_count from serving.srv_period "
        "order by first_month_index, month_count"
    ).fetchall()
    observed = cursor.execute("select coalesce(bit_or(month_mask), 0) from serving.srv_person_service").fetchall()
    return Directory(
        personas=_read_personas(cursor),
        needs=_read_needs(cursor),
        payers=tuple(row[0] for row in cursor.execute("select payer from serving.srv_payer order by payer").fetchall()),
        observed_months=observed[0][0],
        services=tuple(
            Service(code, name, theme, bool(marked) or code in sensitive or theme in sensitive, in_use)
            for code, name, theme, marked, in_use in services
        ),
        themes=tuple(Theme(*row) for row in themes),
        areas=tuple(Place(*row) for row in areas),
        periods={
            code: Period(code, label, level, "all" if level == "all" else year_code, mask, count)
            for code, label, level, year_code, mask, count in periods
        },
    )


def _read_personas(cursor: duckdb.DuckDBPyConnection) -> tuple[Persona, ...]:
    rows = cursor.execute(
        "select persona, persona_name, persona_kind, situation, persona_version, "
        "(select coalesce(list(feature_code), []) from serving.srv_persona_rule as rules "
        "where rules.persona = personas.persona), "
        "(select coalesce(list(lack order by lack_no), []) from serving.srv_persona_lack as lacks "
        "where lacks.persona = personas.persona) "
        "from serving.srv_persona as personas order by persona_kind desc, persona_name, persona"
    ).fetchall()
    return tuple(
        Persona(code, name, kind, situation, version, frozenset(rests_on), tuple(lacks))
        for code, name, kind, situation, version, rests_on, lacks in rows
    )


def _read_needs(cursor: duckdb.DuckDBPyConnection) -> tuple[Need, ...]:
    rows = cursor.execute(
        "select need, any_value(need_name), list(theme) filter (where theme is not null) "
        "from serving.srv_need_theme group by need order by 2, 1"
    ).fetchall()
    return tuple(Need(code, name, frozenset(themes or ())) for code, name, themes in rows)


def _by_index(theme: Theme) -> int:
    return theme.index


def _only_children(parents: dict[str, str]) -> frozenset[str]:
    families = Counter(parents.values())
    return frozenset(child for child, parent in parents.items() if families[parent] == 1)
