"""Labels of the codes in an answer: fixed categories from words.py, names from the catalogue, combinations composed."""

from collections.abc import Iterable

from orchestration.release import words
from orchestration.release.catalogue import Catalogue


def label_codes(
    by: tuple[str, ...], rows: Iterable[tuple[str | int | None, ...]], catalogue: Catalogue
) -> dict[str, dict[str, str]]:
    """Return {dimension: {code: label}} for the codes that occur in the rows."""
    rows = list(rows)
    labels: dict[str, dict[str, str]] = {}
    for index, name in enumerate(by):
        known = {value.code: value.label for value in catalogue.dimensions[name].values}
        codes = dict.fromkeys(str(row[index]) for row in rows)
        if name == "theme_set":
            labels[name] = {code: _label_set(code, catalogue) for code in codes}
        else:
            labels[name] = {code: known.get(code) or words.SPECIAL_CODES.get(code, code) for code in codes}
    return labels


def _label_set(code: str, catalogue: Catalogue) -> str:
    if code == "other":
        return words.OTHER_COMBINATIONS
    names = {theme.code: theme.name for theme in catalogue.themes}
    parts = [names.get(part, part) for part in code.split("+")]
    return f"{parts[0]} only" if len(parts) == 1 else " + ".join(parts)
