"""The state as lines of JSON, table by table, whichever database holds it: for backups, and put back from them."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, MetaData, Table, insert, inspect, select, text

from orchestration.state.carrying import Carried, carry
from orchestration.state.store import NEWEST, Store, upgrade
from orchestration.state.tables import METADATA

Dump = Mapping[str, bytes]
NAMES = tuple(table.name for table in METADATA.sorted_tables)
"""In the order in which rows can be put back."""


NOTHING = Carried()


class NotEmptyError(Exception):
    """The state store already holds other rows than those that are put back."""


def dump_state(store: Store) -> tuple[str, dict[str, bytes]]:
    """Return the revision of the tables, and the rows of each, all as of one moment."""
    with store.begin() as connection:
        if not store.is_file:
            connection.execute(text("set transaction isolation level repeatable read"))
        revision = str(connection.execute(text("select version_num from alembic_version")).scalar_one())
        return revision, {table.name: _dumped(connection, table) for table in METADATA.sorted_tables}


def load_state(
    store: Store,
    revision: str,
    dump: Dump,
    *,
    is_replacing: bool,
    carried: Carried = NOTHING,
    before_commit: Callable[[dict[str, bytes]], None] = lambda _replaced: None,
) -> None:
    """Put rows back into a store, in one transaction, as they were at their revision, and migrate to the newest.

    `carried` outlives what is replaced. `before_commit` is given the rows that are replaced, while they still stand.
    Raise NotEmptyError where the store holds other rows and is not to be replaced.
    """
    store.migrate()
    with store.begin() as connection:
        held = {table.name: _dumped(connection, table) for table in METADATA.sorted_tables}
    if any(held.values()) and not is_replacing and not _is_same(held, dump):  # the same: an earlier try got so far
        raise NotEmptyError
    with store.before_newest() as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(text(f"drop table if exists {table.name}"))
        connection.execute(text("drop table if exists alembic_version"))
        upgrade(connection, revision)
        then = MetaData()
        then.reflect(connection, only=[name for name in NAMES if inspect(connection).has_table(name)])
        for table in then.sorted_tables:
            rows = [_typed(table, json.loads(line)) for line in dump.get(table.name, b"").splitlines()]
            if rows:
                connection.execute(insert(table), rows)
            if _dumped(connection, table) != dump.get(table.name, b""):
                raise ValueError(f"the rows of {table.name} were not put back as they were")
        upgrade(connection, NEWEST)
        carry(connection, carried)
        before_commit(held)


def _is_same(held: Dump, dump: Dump) -> bool:
    """Whether two states hold the same decisions and notes; register and withdrawals may have come to one of them."""

    def said(of: Dump) -> tuple[object, ...]:
        voices = {json.loads(line)["voice_id"] for line in of.get("voice", b"").splitlines()}
        return of.get("decision", b""), of.get("saved_view", b""), voices

    return said(held) == said(dump)


def _dumped(connection: Connection, table: Table) -> bytes:
    rows = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
    return b"".join(json.dumps(dict(row), default=_written, sort_keys=True).encode() + b"\n" for row in rows)


def _written(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"a column of type {type(value).__name__} cannot be dumped")


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    for name, value in row.items():
        kind = table.columns[name].type.python_type
        if isinstance(value, str) and kind in (date, datetime):
            row[name] = kind.fromisoformat(value)
    return row
