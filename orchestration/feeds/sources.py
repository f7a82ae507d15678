"""A delivery's files side by side: one frame a role, and the joins that the contract declares between them.

Roles are the keys of the contract's `files`. Columns are named `role<US>column`, so that two files may both have an
`id`. What does not belong here: canonical fields.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import polars as pl

from orchestration.area.contracts import Column, Contract, Entity, EntityMapping
from orchestration.errors import AreaPackError
from orchestration.feeds.checks import Findings
from orchestration.feeds.distinct import PLACES, Encoded, encode
from orchestration.feeds.rawtables import FAULT, ROW, Finished
from orchestration.feeds.tables import Table
from orchestration.feeds.unpivot import is_wide, origins, unpivoted, wide_headers

FILE = "\x1ffile"


def qualified(role: str, column: str) -> str:
    """Return the name of a partner's column in a joined frame."""
    return f"{role}\x1f{column}"


def where_origin(contract: Contract, mapping: EntityMapping, name: str) -> tuple[str, str]:
    """Return role and column of a name in `where` or `drop_blank`: 'role.column', or a column of the entity's file."""
    role, dot, column = name.partition(".")
    return (role, column) if dot and role in contract.files else (mapping.file, name)


def has_value(name: str, wanted: Collection[str]) -> pl.Expr:
    """Tell which rows have one of these values in a column; an empty text stands for a blank cell."""
    found = pl.col(name).is_in(list(wanted)).fill_null(False)
    return found | pl.col(name).is_null() if "" in wanted else found


def counting(contract: Contract, role: str) -> list[pl.Expr]:
    """Return the conditions under which a row of a file counts at all (not deleted at the source, for instance)."""
    return [has_value(qualified(role, name), wanted) for name, wanted in contract.files[role].where.items()]


def expected_columns(contract: Contract, fields: dict[Entity, dict[str, Column]]) -> dict[str, list[str]]:
    """Return, for every file of the contract, the partner's columns that are used, in order of first mention.

    `fields` are the agreed fields of each entity: a column that may not be stored is not expected either.
    """
    found: dict[str, dict[str, None]] = {role: {} for role in contract.files}
    for role, file in contract.files.items():
        for name in (*file.on, *file.where):
            found[role][name] = None
    for entity, mapping in contract.entities.items():
        columns = fields[entity].values()
        roles = {mapping.file, *(c.file for c in columns if c.origins)}
        for name in (*mapping.where, *mapping.drop_blank):
            role, column = where_origin(contract, mapping, name)
            if not is_wide(mapping, role, column):
                found[role][column] = None
            roles.add(role)
        for used in columns:
            for name in origins(mapping, used):
                found[used.file][name] = None
        for role in sorted(roles - {mapping.file}):
            for name in join_keys(contract, mapping.file, role):
                found[role][name] = None
                found[mapping.file][name] = None
    if contract.delivery.deleted:
        for name in contract.delivery.deleted:
            found["main"][name] = None
    return {role: list(names) for role, names in found.items()}


def join_keys(contract: Contract, base: str, other: str) -> list[str]:
    """Return the columns that join two files, which bear the same name in both."""
    keys = contract.files[other].on if base == "main" else contract.files[base].on
    if other != "main" and base != "main" and set(keys) != set(contract.files[other].on):
        raise AreaPackError(
            f"feed {contract.feed}, files {base} and {other}: both are joined, and not on the same columns, so they "
            "cannot be joined with each other."
        )
    if not keys:
        raise AreaPackError(f"feed {contract.feed}, key 'files.{other}.on': name the columns that join it to {base}.")
    return keys


@dataclass(frozen=True)
class Joined:
    """Some rows of an entity's file with what is joined to them: ROW, FAULT, FILE, `role<US>column`.

    Where `values` has a column, PLACES + its name says which of these distinct values each row holds.
    """

    frame: pl.DataFrame
    values: Mapping[str, pl.Series | None] = field(default_factory=dict)
    referential: frozenset[str] = frozenset()

    def cells(self, name: str) -> Encoded:
        """Return a column."""
        if name not in self.values:
            return encode(self.frame[name])
        values = self.values[name]
        if values is None:
            return Encoded(self.frame[name], is_referential=name in self.referential)
        return Encoded(values, self.frame[f"{PLACES}{name}"])


@dataclass
class _Join:
    """A file that is joined to an entity's own: its last row for each key, and how many keys no row asked for yet."""

    rows: pl.DataFrame
    here: list[str]
    there: list[str]
    unasked: pl.DataFrame | None


@dataclass
class Sources:
    """The tables of one delivery by role, a role's parts one after the other.

    Files that others draw on are held whole, in the columns that are used; all others pass through in pieces.
    """

    contract: Contract
    fields: dict[Entity, dict[str, Column]]
    tables: dict[str, list[Table]]
    held: dict[str, list[Joined]] = field(default_factory=dict)
    _joins: dict[Entity, list[_Join]] = field(default_factory=dict)
    _wanted: dict[str, list[str]] = field(default_factory=dict)
    _notes: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        expected = expected_columns(self.contract, self.fields)
        patterns = wide_headers(self.contract, self.fields)
        for role, parts in self.tables.items():
            wide = (
                name for part in parts for name in part.columns if role in patterns and patterns[role].fullmatch(name)
            )
            self._wanted[role] = list(dict.fromkeys((*expected[role], *wide)))

    @property
    def joined_roles(self) -> list[str]:
        """Return the files that an entity of another file draws on."""
        return sorted({role for entity in self.contract.entities for role in self._roles(entity)})

    def is_typed(self, role: str) -> bool:
        """Tell whether dates in a file come from typed cells, where ISO is not a way of writing."""
        return all(part.detected.get("format") in ("workbook", "parquet") for part in self.tables[role])

    def note(self, role: str, what: str, found: str) -> None:
        """Keep something that was found out about a file's columns for its receipt."""
        self._notes.append((role, what, found))

    def tell_notes(self) -> None:
        """Have what was found out stand on the receipt, once it is known that the files are what they should be."""
        for role, what, found in self._notes:
            for part in self.tables[role]:
                part.detected[what] = found

    def used(self, role: str, table: Table, piece: Finished) -> Joined:
        """Return the columns of some rows that are used, under the names that they have in a joined frame."""
        names = self._wanted[role]
        there = [name for name in names if name in piece.frame.columns]
        absent = [pl.lit(None, pl.String).alias(qualified(role, name)) for name in names if name not in there]
        places = [name for name in there if piece.values.get(name) is not None]
        frame = piece.frame.select(
            ROW,
            FAULT,
            pl.lit(table.name).alias(FILE),
            *(pl.col(name).alias(qualified(role, name)) for name in there),
            *absent,
            *(pl.col(f"{PLACES}{name}").alias(f"{PLACES}{qualified(role, name)}") for name in places),
        )
        return Joined(
            frame,
            {qualified(role, name): values for name, values in piece.values.items()},
            frozenset(qualified(role, name) for name in piece.referential),
        )

    def hold(self, role: str, rows: Joined) -> None:
        """Keep rows of a file that others draw on."""
        self.held.setdefault(role, []).append(Joined(_without_places(rows.frame)))

    def prepare(self, entity: Entity, findings: Findings) -> None:
        """Make ready what is joined to an entity's file, once all files that others draw on are held."""
        contract, mapping = self.contract, self.contract.entities[entity]
        self._joins[entity] = []
        for role in self._roles(entity):
            keys = join_keys(contract, mapping.file, role)
            here = [qualified(mapping.file, key) for key in keys]
            there = [qualified(role, key) for key in keys]
            if not self.held.get(role):
                self.hold(role, self._nothing(role))
            whole = pl.concat([part.frame for part in self.held[role]])
            full = whole.filter(pl.col(FAULT).is_null(), *counting(contract, role)).drop(ROW, FAULT, FILE)
            full = full.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in there))
            other = full.unique(subset=there, keep="last", maintain_order=True)
            findings.add("join_not_unique", full.height - other.height, entity=entity, detail=f"file {role}")
            unasked = other.select(there) if mapping.file == "main" else None
            other = other.rename(dict(zip(there, (f"{name}\x1fkey" for name in there), strict=True)))
            other = other.with_columns(pl.col(f"{name}\x1fkey").alias(name) for name in there)
            self._joins[entity].append(_Join(other, here, there, unasked))

    def join(self, entity: Entity, rows: Joined) -> Joined:
        """Return rows of the entity's file with the columns of the files that it draws on, in file order.

        A joined file with several rows for a key gives the last, and no join changes the number of rows. Wide columns
        have then become rows.
        """
        frame, mapping = rows.frame, self.contract.entities[entity]
        for join in self._joins[entity]:
            if join.unasked is not None:
                asked = frame.select(join.here).unique()
                join.unasked = join.unasked.join(asked, left_on=join.there, right_on=join.here, how="anti")
            keys = [f"{name}\x1fkey" for name in join.there]
            frame = frame.join(join.rows, left_on=join.here, right_on=keys, how="left", maintain_order="left")
        if mapping.unpivot is None:
            return Joined(frame, rows.values, rows.referential)
        # what was told of the distinct values of a column may not be true of what becomes of it
        prefix = qualified(mapping.file, "")
        return Joined(unpivoted(_without_places(frame), mapping, prefix=prefix, sound=pl.col(FAULT).is_null()))

    def conclude(self, entity: Entity, findings: Findings) -> None:
        """Say, when all rows have been joined, which rows of joined files no row asked for."""
        for role, join in zip(self._roles(entity), self._joins[entity], strict=True):
            if join.unasked is not None:
                findings.add("join_orphan", join.unasked.height, entity=entity, detail=f"file {role}")

    def _roles(self, entity: Entity) -> list[str]:
        contract, mapping = self.contract, self.contract.entities[entity]
        roles = {c.file for c in self.fields[entity].values() if c.origins}
        roles |= {where_origin(contract, mapping, name)[0] for name in (*mapping.where, *mapping.drop_blank)}
        return sorted(roles - {mapping.file})

    def _nothing(self, role: str) -> Joined:
        names = [qualified(role, name) for name in self._wanted[role]]
        schema = {ROW: pl.Int64(), FAULT: pl.String(), FILE: pl.String(), **dict.fromkeys(names, pl.String())}
        return Joined(pl.DataFrame(schema=schema))


def _without_places(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(name for name in frame.columns if not name.startswith(PLACES))
