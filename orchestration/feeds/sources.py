"""A delivery's files side by side: one frame a role, and the joins that the contract declares between them.

Roles are the keys of the contract's `files`. Columns are named `role<US>column`, so that two files may both have an
`id`. What does not belong here: canonical fields.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

import polars as pl

from orchestration.area.contracts import Column, Contract, Entity, EntityMapping
from orchestration.errors import AreaPackError
from orchestration.feeds.checks import Findings
from orchestration.feeds.rawtables import FAULT, ROW, RawTable
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


@dataclass
class Sources:
    """The tables of one delivery by role; a role may have several parts, which are stacked."""

    contract: Contract
    fields: dict[Entity, dict[str, Column]]
    tables: dict[str, list[RawTable]]
    frames: dict[str, pl.DataFrame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        expected = expected_columns(self.contract, self.fields)
        patterns = wide_headers(self.contract, self.fields)
        for role, parts in self.tables.items():
            wide = (
                name for part in parts for name in part.columns if role in patterns and patterns[role].fullmatch(name)
            )
            wanted = list(dict.fromkeys((*expected[role], *wide)))
            self.frames[role] = pl.concat(
                [
                    part.frame.select(
                        ROW,
                        FAULT,
                        pl.lit(part.content.name).alias(FILE),
                        *[
                            (pl.col(name) if name in part.frame.columns else pl.lit(None, pl.String)).alias(
                                qualified(role, name)
                            )
                            for name in wanted
                        ],
                    )
                    for part in parts
                ]
            )

    def is_typed(self, role: str) -> bool:
        """Tell whether dates in a file come from typed cells, where ISO is not a way of writing."""
        return all(part.detected.get("format") in ("workbook", "parquet") for part in self.tables[role])

    def note(self, role: str, what: str, found: str) -> None:
        """Have something that was found out about a file's columns stand on its receipt."""
        for part in self.tables[role]:
            part.detected[what] = found

    def joined(self, entity: Entity, findings: Findings) -> pl.DataFrame:
        """Return the entity's file with the columns of the files that it draws on joined to it, in file order.

        A joined file with several rows for a key gives the last, and no join changes the number of rows. Wide columns
        have then become rows.
        """
        contract, mapping = self.contract, self.contract.entities[entity]
        frame = self.frames[mapping.file]
        roles = {c.file for c in self.fields[entity].values() if c.origins}
        roles |= {where_origin(contract, mapping, name)[0] for name in (*mapping.where, *mapping.drop_blank)}
        for role in sorted(roles - {mapping.file}):
            keys = join_keys(contract, mapping.file, role)
            here = [qualified(mapping.file, key) for key in keys]
            there = [qualified(role, key) for key in keys]
            full = self.frames[role].filter(pl.col(FAULT).is_null(), *counting(contract, role)).drop(ROW, FAULT, FILE)
            full = full.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in there))
            other = full.unique(subset=there, keep="last", maintain_order=True)
            findings.add("join_not_unique", full.height - other.height, entity=entity, detail=f"file {role}")
            if mapping.file == "main":
                orphans = other.join(frame, left_on=there, right_on=here, how="anti").height
                findings.add("join_orphan", orphans, entity=entity, detail=f"file {role}")
            other = other.rename(dict(zip(there, (f"{name}\x1fkey" for name in there), strict=True)))
            other = other.with_columns(pl.col(f"{name}\x1fkey").alias(name) for name in there)
            frame = frame.join(
                other, left_on=here, right_on=[f"{name}\x1fkey" for name in there], how="left", maintain_order="left"
            )
        return unpivoted(frame, mapping, prefix=qualified(mapping.file, ""), sound=pl.col(FAULT).is_null())
