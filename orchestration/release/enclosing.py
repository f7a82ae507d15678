"""Cells of other published tables that enclose a cell, beyond its own rows and columns.

A user can ask for both and subtract, so a small difference must hide the inner one: a pair of services lies in the pair
of their themes, an exact combination in the users of each of its themes, a first use in all use of the service.
"""

from dataclasses import dataclass

from orchestration.release.cells import Cells, Code
from orchestration.release.directory import Directory

PAIR_OF_THEMES = {
    "service_a": "theme_a",
    "service_b": "theme_b",
    "from_service": "from_theme",
    "to_service": "to_theme",
}
FIRST_USE_OF = {"entry_service": "service", "entry_theme": "theme"}
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
    if measure in ("people_using_both", "transitions"):
        return _pairs_of_themes(directory, measure, attributes, cells)
    if measure == "entries":
        dimensions = tuple(FIRST_USE_OF.get(name, name) for name in attributes)
        tables = [EnclosingTable("people", dimensions, {code: code for code in cells})] if dimensions else []
        if "entry_service" in attributes:
            tables.append(_first_theme(directory, attributes, cells))
        return tables
    if measure == "combinations" and "theme_set" in attributes:
        return _users_of_each_theme(directory, attributes, cells)
    return []


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


def _replaced(code: Code, values: dict[int, str]) -> Code:
    return tuple(values.get(index, value) for index, value in enumerate(code))
