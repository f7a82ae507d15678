"""One store: an engine on SQLite or PostgreSQL, migrated to the newest revision before it is first used.

What belongs here: opening, migrating, and the errors of a database in words. What does not: what the tables mean.
"""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from orchestration.errors import ConfigurationError, HomeError
from orchestration.settings import Settings

FILE_NAME = "joinedup.sqlite"
MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST = "head"
BUSY_SECONDS = 15
MIGRATING = 7_361_915_021
"""The number of PostgreSQL's advisory lock under which one process migrates and others wait."""
PARTS = ("postgresql", "postgresql+psycopg")


class Store:
    """The state store of one home. Safe for threads; opens nothing until it is first used."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._is_newest = False

    @property
    def is_file(self) -> bool:
        """Whether this is SQLite, in a file."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def name(self) -> str:
        """Return what to call this store in a message: never with a password."""
        return str(self.url.database) if self.is_file else f"PostgreSQL on {self.url.host or 'this machine'}"

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Give a connection in a transaction, which ends whole or not at all."""
        with self._spoken(), self._ready().begin() as connection:
            yield connection

    @contextmanager
    def outside_transaction(self) -> Iterator[Connection]:
        """Give a connection that commits each statement, for what may not run in a transaction."""
        with self._spoken(), self._ready().connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def migrate(self, revision: str = NEWEST) -> None:
        """Bring the tables up to a revision, the newest if none is named."""
        with self._spoken():
            self._migrate(self._open(), revision)

    @contextmanager
    def before_newest(self) -> Iterator[Connection]:
        """Give a connection in a transaction without migrating first: for a restore, which does so itself."""
        with self._spoken(), self._open().begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection; the next use opens them again."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine, self._is_newest = None, False

    def _ready(self) -> Engine:
        with self._lock:
            engine = self._open()
            if not self._is_newest:
                self._migrate(engine, NEWEST)
                self._is_newest = True
            return engine

    def _open(self) -> Engine:
        if self._engine is None:
            self._engine = self._made()
        return self._engine

    def _made(self) -> Engine:
        if not self.is_file:
            return create_engine(self.url, pool_pre_ping=True)
        Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(self.url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _careful)
        return engine

    def _migrate(self, engine: Engine, revision: str) -> None:
        with self._one_at_a_time(), engine.begin() as connection:
            if not self.is_file:
                connection.exec_driver_sql(f"select pg_advisory_xact_lock({MIGRATING})")
            upgrade(connection, revision)

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Let one process at a time migrate a file; PostgreSQL has a lock for it."""
        if not self.is_file:
            yield
            return
        with Path(f"{self.url.database}.lock").open("a", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _spoken(self) -> Iterator[None]:
        """Say in words what a database says in its own; never its address with a password."""
        try:
            yield
        except CommandError as error:
            raise ConfigurationError(
                f"{self.name} holds tables of a newer version of Joined Up than this one: install that version, or "
                "restore a backup that was made with this one. Nothing was changed."
            ) from error
        except OperationalError as error:
            hint = "free some space or mend the rights" if self.is_file else "start it, or mend JOINEDUP_STATE_URL"
            raise HomeError(f"{self.name} cannot be used for the state: {hint}. Nothing was changed.") from error
        except DBAPIError as error:
            if self.is_file and "not a database" in str(error.orig):
                raise HomeError(
                    f"{self.name} is damaged: put it aside and run `joinedup restore` with the newest backup."
                ) from error
            raise


def upgrade(connection: Connection, revision: str) -> None:
    """Run migrations on a connection, in its transaction."""
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    configuration.set_main_option("path_separator", "os")
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, revision)


def store_of(settings: Settings) -> Store:
    """Return the state store of a home, one for each process."""
    return _store(settings.state_url or f"sqlite:///{settings.state / FILE_NAME}")


def url_of(text: str) -> URL:
    """Return the address of a store, with the driver that is installed; raise ConfigurationError without showing it."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise ConfigurationError(
            "JOINEDUP_STATE_URL is no address of a database: expected postgresql://user:password@host/database."
        ) from error
    if url.drivername in PARTS:
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database:
        return url
    raise ConfigurationError(
        "JOINEDUP_STATE_URL names a database that is not supported: expected postgresql://user:password@host/database."
    )


@lru_cache(maxsize=32)
def _store(text: str) -> Store:
    return Store(url_of(text))


def _careful(connection: Any, _record: object) -> None:
    """Set up each connection to SQLite: removed text is overwritten, references are held, readers wait for no writer.

    WAL is not used: what was removed must not stay behind in a second file.
    """
    for pragma in ("secure_delete = on", "foreign_keys = on", "journal_mode = delete", "synchronous = full"):
        connection.execute(f"pragma {pragma}")
