"""Cells of other published tables that enclose a cell, beyond its own rows and columns.

A user can ask for both and subtract, so a small difference must hide the inner one: a pair of services lies in the pair
of their themes, an exact combination in the users of each of its themes and pairs, a first use in all use of the
service, users of one service in users of one at a time, a move in the use of both its ends. Some nest only nearly (a
move of this year may start from a service last used in the one before), which the guard allows for.
"""

from dataclasses import dataclass
from itertools import combinations

from orchestration.release.cells import Cells, Code
from orchestration.release.directory import Directory
from orchestration.release.lattice import MEASURES

PAIR_OF_THEMES = {
    "service_a": "theme_a",
    "service_b": "theme_b",
    "from_service": "from_theme",
    "to_service": "to_theme",
}
FIRST_USE_OF = {"entry_service": "service", "entry_theme": "theme"}
USE_OF_BOTH = {
    "from_service": "service_a",
    "to_service": "service_b",
    "from_theme": "theme_a",
    "to_theme": "theme_b",
}
ARRIVAL_AT = {"to_service": "service", "to_theme": "theme"}
# What tells events of one kind apart: without it, whoever had the event is among those who used the service (or theme).
KIND_OF_EVENT = {
    "starts": ("arrival",),
    "exits": ("exit_kind",),
    "returns": ("return_band", "exit_kind"),
    "waits": ("wait",),
    "stays": ("stay_ending",),
    "needs": ("need", "need_met"),
    "people_costed": ("payer",),
}
NOBODYS_THEME = frozenset(("START", "END"))


@dataclass(frozen=True, slots=True)
class EnclosingTable:
    """A table to count, and for each inner cell the code of the cell in it that encloses it."""

    measure: str
    dimensions: tuple[str, ...]
    around: dict[Code, Code]


def enclosing_tables(
    directory: Directory, measure: str, attributes: tuple[str, ...], cells: Cells
) -> list[EnclosingTable]:
    """Return the tables whose cells enclose these, for the same period."""
    tables: list[EnclosingTable] = []
    if measure == "people":
        tables += _one_at_a_time(attributes, cells)
        tables += _one_theme_only(directory, attributes, cells)
    elif measure in ("people_using_both", "transitions"):
        tables += _pairs_of_themes(directory, measure, attributes, cells)
        tables += _use_of_the_ends(attributes, cells)
    elif measure == "journey_steps" and "step" in attributes:
        tables.append(_moves_of_first_steps(attributes, cells))
    elif measure == "entries":
        dimensions = tuple(FIRST_USE_OF.get(name, name) for name in attributes)
        tables += [EnclosingTable("people", dimensions, {code: code for code in cells})] if dimensions else []
        tables += [_first_theme(directory, attributes, cells)] if "entry_service" in attributes else []
    elif measure in KIND_OF_EVENT:
        tables.append(_users_of_the_same(measure, attributes, cells))
    elif measure == "combinations" and "theme_set" in attributes:
        tables += _users_of_each_theme(directory, attributes, cells)
        tables += _users_of_each_pair(directory, attributes, cells)
    return tables


def _pairs_of_themes(
    directory: Directory, measure: str, attributes: tuple[str, ...], cells: Cells
) -> list[EnclosingTable]:
    indexes = [index for index, name in enumerate(attributes) if name in PAIR_OF_THEMES]
    if len(indexes) != 2:
        return []
    around: dict[Code, Code] = {}
    for code in cells:
        alone = [code[index] in NOBODYS_THEME or directory.is_alone("service", code[index]) for index in indexes]
        themes = [directory.theme_of(code[index]) for index in indexes]
        # Two services of one theme are no pair of themes; two only children are the same set as their themes.
        if not all(alone) and not (measure == "people_using_both" and themes[0] == themes[1]):
            around[code] = _replaced(code, dict(zip(indexes, themes, strict=True)))
    return [EnclosingTable(measure, tuple(PAIR_OF_THEMES.get(name, name) for name in attributes), around)]


def _first_theme(directory: Directory, attributes: tuple[str, ...], cells: Cells) -> EnclosingTable:
    index = attributes.index("entry_service")
    around = {
        code: _replaced(code, {index: directory.theme_of(code[index])})
        for code in cells
        if not directory.is_alone("service", code[index])
    }
    dimensions = tuple("entry_theme" if name == "entry_service" else name for name in attributes)
    return EnclosingTable("entries", dimensions, around)


def _users_of_each_theme(directory: Directory, attributes: tuple[str, ...], cells: Cells) -> list[EnclosingTable]:
    index = attributes.index("theme_set")
    dimensions = tuple("theme" if name == "theme_set" else name for name in attributes)
    tables = []
    for theme in directory.themes:
        around = {code: _replaced(code, {index: theme.code}) for code in cells if int(code[index]) >> theme.index & 1}
        if around:
            tables.append(EnclosingTable("people", dimensions, around))
    return tables


def _users_of_each_pair(directory: Directory, attributes: tuple[str, ...], cells: Cells) -> list[EnclosingTable]:
    index = attributes.index("theme_set")
    dimensions = (*attributes[:index], *attributes[index + 1 :], "theme_a", "theme_b")
    tables = []
    for one, other in combinations(directory.themes, 2):
        both = 1 << one.index | 1 << other.index
        around = {
            code: (*code[:index], *code[index + 1 :], one.code, other.code)
            for code in cells
            if int(code[index]) & both == both
        }
        if around:
            tables.append(EnclosingTable("people_using_both", dimensions, around))
    return tables


def _one_at_a_time(attributes: tuple[str, ...], cells: Cells) -> list[EnclosingTable]:
    """One service in a period is one at a time; four at once are four in the period."""
    tables = []
    for inner, value, outer in (
        ("services_used", "1", "services_at_once"),
        ("services_at_once", "4+", "services_used"),
    ):
        if inner in attributes and outer not in attributes:
            index = attributes.index(inner)
            dimensions = (*attributes[:index], outer, *attributes[index + 1 :])
            tables.append(EnclosingTable("people", dimensions, {code: code for code in cells if code[index] == value}))
    return tables


def _one_theme_only(directory: Directory, attributes: tuple[str, ...], cells: Cells) -> list[EnclosingTable]:
    """Users of one service only used its theme only: the same people where the theme has no other service."""
    use = next((name for name in ("service", "theme") if name in attributes), None)
    if use is None or "services_used" not in attributes:
        return []
    index = attributes.index(use)
    # By what combinations have as well: one service in the period is one at a time, and in a month less than in all.
    known = MEASURES["combinations"].dimensions
    left = tuple(name for name in attributes if name not in (use, "services_used") and name in known)
    around: dict[Code, Code] = {}
    for code in cells:
        values = dict(zip(attributes, code, strict=True))
        theme = directory.theme_of(code[index]) if use == "service" else code[index]
        if values["services_used"] == "1" and not directory.is_only_service(theme):
            around[code] = (*(values[name] for name in left), str(directory.theme_mask(theme)))
    return [EnclosingTable("combinations", (*left, "theme_set"), around)]


def _use_of_the_ends(attributes: tuple[str, ...], cells: Cells) -> list[EnclosingTable]:
    """A move lies in the use of both its ends, an arrival (asked without where from) in the use of where to."""
    ends = [name for name in attributes if name in USE_OF_BOTH]
    names = USE_OF_BOTH if len(ends) == 2 else ARRIVAL_AT
    if not ends or (len(ends) == 1 and ends[0] not in ARRIVAL_AT):
        return []
    around = {}
    for code in cells:
        values = [value for name, value in zip(attributes, code, strict=True) if name in ends]
        if not NOBODYS_THEME & set(values) and (len(values) == 1 or values[0] != values[1]):
            around[code] = code
    measure = "people_using_both" if len(ends) == 2 else "people"
    return [EnclosingTable(measure, tuple(names.get(name, name) for name in attributes), around)]


def _moves_of_first_steps(attributes: tuple[str, ...], cells: Cells) -> EnclosingTable:
    index = attributes.index("step")
    dimensions = (*attributes[:index], *attributes[index + 1 :])
    around = {
        code: tuple("END" if value == "none" else value for value in (*code[:index], *code[index + 1 :]))
        for code in cells
        if code[index] == "1"
    }
    return EnclosingTable("transitions", dimensions, around)


def _users_of_the_same(measure: str, attributes: tuple[str, ...], cells: Cells) -> EnclosingTable:
    """Whoever started, left, waited or had a need is held against all who used the service or theme in the period."""
    kept = [index for index, name in enumerate(attributes) if name not in KIND_OF_EVENT[measure]]
    around = {code: tuple(code[index] for index in kept) for code in cells}
    return EnclosingTable("people", tuple(attributes[index] for index in kept), around)


def _replaced(code: Code, values: dict[int, str]) -> Code:
    return tuple(values.get(index, value) for index, value in enumerate(code))
