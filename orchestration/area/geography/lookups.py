"""Chaining lookups: from the LSOAs of a place to their MSOA, ward and local authority, with names.

Every lookup relates each two of its levels. The levels that are wanted are reached over as few lookups as possible
(LSOA 2021 to LSOA 2011 to MSOA 2011 to MSOA 2021, say), never downwards: a chain never goes from a larger kind of
area to a smaller. What belongs here: relations between codes, and names. What does not: figures about areas.
"""

from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise, permutations

import polars as pl

from orchestration.area.geography.declaration import Declaration, Place, TableFile
from orchestration.area.geography.headers import CENSUS_LEVELS, CHANGE, AreaColumn, Node, parse_name
from orchestration.area.geography.tables import area_columns, find_column, headers, read_source

RANK = {"oa": 0, "lsoa": 1, "msoa": 2, "ward": 2, "lad": 3}


@dataclass
class Lookups:
    """What all lookup files together say.

    relations: (from, to) to distinct pairs of codes (columns `a`, `b`, and `change`, null when the file has no change
    codes). names: node to code to name; official names apart from House of Commons Library names (kind 'hcl_name').
    """

    relations: dict[tuple[Node, Node], pl.DataFrame] = field(default_factory=dict)
    names: dict[tuple[Node, str], dict[str, str]] = field(default_factory=dict)
    codes: dict[Node, set[str]] = field(default_factory=dict)

    def newest(self, level: str) -> list[Node]:
        """Return the vintages of a level that the files know, newest first."""
        found = [node for node in self.codes if node.level == level]
        return sorted(found, key=lambda node: int(node.vintage or 0), reverse=True)

    def path(self, start: Node, goal: Node) -> list[Node] | None:
        """Return the shortest chain of nodes from one to another, or None."""
        waiting, seen = deque([[start]]), {start}
        while waiting:
            chain = waiting.popleft()
            if chain[-1] == goal:
                return chain
            for here, there in self.relations:
                if here == chain[-1] and there not in seen and _upwards(here, there):
                    seen.add(there)
                    waiting.append([*chain, there])
        return None

    def chain(self, path: list[Node]) -> pl.DataFrame:
        """Return the distinct pairs (a, b) of the first and the last node of a path."""
        pairs = self.relations[path[0], path[1]].select("a", "b")
        for here, there in pairwise(path[1:]):
            onward = self.relations[here, there].select(b="a", c="b")
            pairs = pairs.join(onward, on="b").select("a", b="c").unique()
        return pairs.unique()


def read_lookups(declaration: Declaration, place: Place) -> Lookups:
    """Read every lookup file of the declaration into one set of relations."""
    lookups = Lookups()
    for position, source in enumerate(declaration.lookups):
        here = place.key("lookups", position)
        _add(lookups, source, read_source(source, here), here)
    return lookups


def parents(lookups: Lookups, children: pl.Series, start: Node, goal: Node, place: Place) -> dict[str, str]:
    """Return child code to parent code; raise when a child has none, or several that names cannot decide between.

    Where a chain over an older census leaves several candidates, the one whose official name is the child's name
    without its last letter is the parent: ONS names LSOAs so ('Swindon 028F' lies in 'Swindon 028').
    """
    path = lookups.path(start, goal)
    if path is None:
        known = ", ".join(sorted(str(node) for node in lookups.codes))
        raise place.fault(f"no chain of lookups leads from {start} to {goal} (they know {known}); add the missing one.")
    if len(path) == 1:
        return {code: code for code in children}
    pairs = lookups.chain(path).filter(pl.col("a").is_in(children.implode()))
    several = pairs.filter(pl.col("a").is_duplicated())
    if several.height:
        stems = {c: n.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for c, n in lookups.names.get((start, "name"), {}).items()}
        names = lookups.names.get((goal, "name"), {})
        decided = several.filter(
            pl.Series([a in stems and stems[a] == names.get(b) for a, b in several.rows()], dtype=pl.Boolean)
        ).unique("a")
        pairs = pl.concat([pairs.filter(~pl.col("a").is_duplicated()), decided])
        undecided = sorted(set(several["a"]) - set(decided["a"]))
        if undecided:
            raise place.fault(
                f"{len(undecided)} {start} codes lie in several {goal} by the chain {_arrow(path)}, for example "
                f"{undecided[0]}; add a lookup from {start} straight to {goal}."
            )
    found: dict[str, str] = dict(pairs.rows())
    missing = sorted(set(children) - set(found))
    if missing:
        raise place.fault(
            f"{len(missing)} {start} codes have no {goal} by the chain {_arrow(path)}, for example "
            f"{', '.join(missing[:3])}; the lookups do not cover the place."
        )
    return found


def _add(lookups: Lookups, source: TableFile, frame: pl.DataFrame, place: Place) -> None:
    columns = _meanings(source, frame, place)
    by_meaning: dict[AreaColumn, str] = {}
    for header, meaning in columns.items():
        if meaning in by_meaning:
            raise place.key("columns").fault(
                f"columns '{by_meaning[meaning]}' and '{header}' of '{source.file}' both read as {meaning.node} "
                f"{meaning.kind}; say which counts, for example columns: {{{meaning.node}_{meaning.kind}: {header}}}."
            )
        by_meaning[meaning] = header
    codes = {meaning.node: header for meaning, header in by_meaning.items() if meaning.kind == "code"}
    for node, header in codes.items():
        lookups.codes.setdefault(node, set()).update(frame[header].drop_nulls())
    change = find_column(source, frame, "change_code", CHANGE.pattern)
    for here, there in permutations(codes, 2):
        pairs = frame.select(
            a=codes[here],
            b=codes[there],
            change=pl.col(change) if change else pl.lit(None, pl.String),
        ).drop_nulls(["a", "b"])
        known = lookups.relations.get((here, there))
        both = pairs if known is None else pl.concat([known, pairs])
        lookups.relations[here, there] = both.unique(["a", "b"], keep="first", maintain_order=True)
    for meaning, header in by_meaning.items():
        if meaning.kind != "code" and meaning.node in codes:
            pairs = frame.select(codes[meaning.node], header).drop_nulls().unique()
            lookups.names.setdefault((meaning.node, meaning.kind), {}).update(dict(pairs.rows()))


def _meanings(source: TableFile, frame: pl.DataFrame, place: Place) -> dict[str, AreaColumn]:
    """Return what each column means: declared first, then recognised; census levels without a year tell nothing."""
    declared: dict[str, AreaColumn] = {}
    for name, header in source.columns.items():
        meaning = parse_name(name)
        if meaning is None and name != "change_code":
            raise place.key("columns", name).fault(
                "not a name of ours; lookups know lsoa21_code, lsoa21_name, msoa21_hcl_name, ward24_code, lad24_code "
                "(any year) and change_code."
            )
        if meaning:
            declared[header] = meaning
    taken = set(declared.values())
    recognised = {
        header: meaning
        for header, meaning in area_columns(frame).items()
        if header not in declared and meaning not in taken and (meaning.vintage or meaning.level not in CENSUS_LEVELS)
    }
    found = {**declared, **recognised}
    if len([meaning for meaning in found.values() if meaning.kind == "code"]) < 1:
        raise place.key("columns").fault(
            f"no column of '{source.file}' is recognised as area codes with their year (found {headers(frame)}); say "
            "which, for example columns: {lsoa21_code: HEADER, msoa21_code: HEADER}."
        )
    return found


def _upwards(here: Node, there: Node) -> bool:
    return here.level == there.level or RANK[there.level] > RANK[here.level]


def _arrow(path: list[Node]) -> str:
    return " > ".join(str(node) for node in path)
