"""Opening published files, for whoever publishes and for the release gate: encrypted at rest where a key is set.

DuckDB encrypts with AES in Galois counter mode; it writes only with OpenSSL, which comes as an extension in a package
of its own and is loaded from there: nothing is fetched. What does not belong here: what a snapshot holds (snapshot),
which questions it answers (release).
"""

from importlib.resources import files
from pathlib import Path

import duckdb

from orchestration.errors import SnapshotError
from orchestration.settings import Settings

HEADER_BYTES = 21
MAGIC = slice(8, 12)
FLAGS = 20
"""In DuckDB's main header: checksum of 8 bytes, DUCK, version of 8 bytes, flags; the lowest bit says encrypted."""


def is_encrypted(path: Path) -> bool:
    """Tell by its header whether a database file is encrypted; False for what is no database."""
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
    return header[MAGIC] == b"DUCK" and len(header) == HEADER_BYTES and bool(header[FLAGS] & 1)


def load_cryptography(connection: duckdb.DuckDBPyConnection) -> None:
    """Load OpenSSL from the package beside DuckDB's own; raise SnapshotError when it is not there."""
    found = sorted(Path(str(files("duckdb_extension_httpfs"))).glob("extensions/*/httpfs.duckdb_extension"))
    if not found:
        raise SnapshotError("The package duckdb-extension-httpfs holds no extension: run `make setup` again.")
    connection.execute(f"load '{_quoted(found[0])}'")


def attach_new(connection: duckdb.DuckDBPyConnection, path: Path, name: str, settings: Settings) -> None:
    """Attach a file that does not exist yet, to be written: encrypted with the first of the area's keys, if any."""
    keys = settings.snapshot_keys()
    if keys:
        load_cryptography(connection)
        connection.execute("set temp_file_encryption = true")
    option = f" (encryption_key '{keys[0]}')" if keys else ""
    connection.execute(f"attach '{_quoted(path)}' as {name}{option}")


def attach_published(connection: duckdb.DuckDBPyConnection, path: Path, name: str, settings: Settings) -> None:
    """Attach a published file, read-only. Raises SnapshotError, naming what to restore, when no key fits it.

    A file from before the key was set is read as it is.
    """
    if not is_encrypted(path):
        connection.execute(f"attach '{_quoted(path)}' as {name} (read_only)")
        return
    keys = settings.snapshot_keys()
    if not keys:
        raise SnapshotError(
            f"{path.name} is encrypted and no key is set: name the file with its key in JOINEDUP_SNAPSHOT_KEY_FILE."
        )
    load_cryptography(connection)
    for key in keys:
        try:
            connection.execute(f"attach '{_quoted(path)}' as {name} (read_only, encryption_key '{key}')")
        except duckdb.InvalidInputException:
            continue  # its message says no more than that the key is wrong
        return
    raise SnapshotError(
        f"No key in {settings.snapshot_key_file} opens {path.name}: put the key that it was published with on a line "
        "of its own below the current one, or refresh to publish anew from the warehouse."
    )


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
