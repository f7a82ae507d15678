"""People in one of two overlapping populations and not in both: what subtracting the one from the other would show."""

from collections import defaultdict
from collections.abc import Callable

from orchestration.release.cells import OTHER_PERSONA, Cells, Code

Counted = tuple[int, int]  # number of people and their cell key


def between_personas(
    count: Callable[..., Cells], cells: Cells, attributes: tuple[str, ...]
) -> dict[Code, tuple[Counted, ...]]:
    """Return for each cell those who are in it or in the same cell of another persona, but not in both.

    Personas overlap as their rules say, so two of them may hold nearly the same people: subtracting shows the rest.
    """
    index = attributes.index("persona")
    both = count((*attributes, OTHER_PERSONA))
    differences: dict[Code, list[Counted]] = defaultdict(list)
    for (*inside, other), (shared, _key) in both.items():
        code = tuple(inside)
        one, two = cells[code], cells[*code[:index], other, *code[index + 1 :]]
        apart = one[0] + two[0] - 2 * shared
        if apart:
            differences[code].append((apart, one[1] ^ two[1]))
    return {code: tuple(found) for code, found in differences.items()}
