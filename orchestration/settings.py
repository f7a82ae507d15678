"""Where things are and what the environment says: the only module that reads `os.environ`.

Every variable is described in `VARIABLES`, from which docs/reference/settings.md is held true by a test.
"""

import os
import secrets
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from orchestration.channels import CHANNEL_VARIABLES, Channels, checked_address, read_channels
from orchestration.errors import ConfigurationError, HomeError
from orchestration.sign_in import SIGN_IN_VARIABLES, SignIn, read_sign_in

VARIABLES = {
    "JOINEDUP_AREA": "folder of the area pack (default: seeds/demo_area beside the code)",
    "JOINEDUP_HOME": "folder for running data, never in the repository's history (default: ./var)",
    "JOINEDUP_PORT": "port of the dashboards (default: 8050)",
    "JOINEDUP_HOST": "address that the dashboards listen on (default: 127.0.0.1)",
    "JOINEDUP_RELEASE_SECRET_FILE": "file with the release secret (default: state/release.key in the home)",
    "JOINEDUP_SNAPSHOT_KEY_FILE": "file with the key that published snapshots are encrypted with (default: none)",
    "JOINEDUP_AUDIT_KEY_FILE": "file with the key that signs the audit log (default: state/audit.key in the home)",
    "JOINEDUP_AUDIT_DAYS": "days that a record of the audit log is kept (default: 2192, six years)",
    "JOINEDUP_STATE_URL": "PostgreSQL for decisions, voices and the list of backups (default: SQLite in state)",
    "JOINEDUP_TODAY": "today's date as YYYY-MM-DD, for rehearsals; overrides the clock and a fictional area's own date",
    "JOINEDUP_STABLE_SECONDS": "a landing file younger than this is still being copied and is left alone (default: 2)",
    "JOINEDUP_LINKAGE_KEY": "the partners' linkage key, where a vault hands it over; read at partners only",
    "JOINEDUP_PREVIOUS_LINKAGE_KEY": "the linkage key before it, while two keys overlap; read at partners only",
    "JOINEDUP_WAREHOUSE_MEMORY": "memory for DuckDB to build the warehouse in (default: a quarter, at least 2GB)",
    "JOINEDUP_SNAPSHOTS_KEPT": "how many published snapshots are kept for rollback (default: 5)",
    "JOINEDUP_ANSWER_FLOOR_MS": "least time of an answer that the dashboards work out anew, in ms (default: 150)",
    "JOINEDUP_DAGSTER_URL": "address of Dagster's pages, to link each birth certificate to its run (default: none)",
    "JOINEDUP_REQUEST_LOG": "1: the dashboards write one JSON line a request to standard error (default: off)",
    "JOINEDUP_PURPOSE": "what figures are asked for, a purpose that agreements name (default: service_design)",
    "JOINEDUP_AUDIENCE": "who sees figures without sign-in, a role that agreements name (default: designer)",
    **CHANNEL_VARIABLES,
    **SIGN_IN_VARIABLES,
}
DEFAULT_PORT = 8050
NO_CHANNELS = Channels()
SECRET_BYTES = 32
SIX_YEARS = 2192
LEAST_MEMORY = "2GB"
MEMORY_SHARE = 4


@dataclass(frozen=True)
class Settings:
    """One installation: an area pack, a home for running data, and how to serve."""

    area_dir: Path
    home: Path
    port: int = DEFAULT_PORT
    host: str = "127.0.0.1"
    today: str | None = None
    stable_seconds: float = 0.0
    snapshots_kept: int = 5
    secret_file: Path | None = None
    snapshot_key_file: Path | None = None
    audit_key_file: Path | None = None
    audit_days: int = SIX_YEARS
    warehouse_memory: str = LEAST_MEMORY
    answer_floor_ms: int = 0
    dagster_url: str | None = None
    request_log: bool = False
    channels: Channels = NO_CHANNELS
    purpose: str = "service_design"
    audience: str = "designer"
    sign_in: SignIn | None = None
    state_url: str | None = field(default=None, repr=False)
    """May hold a password, and so is never printed."""

    @property
    def landing(self) -> Path:
        """Where partners' deliveries arrive: one folder a feed (or a shared folder that a contract names)."""
        return self.home / "landing"

    @property
    def accepted(self) -> Path:
        return self.home / "accepted"

    @property
    def quarantine(self) -> Path:
        return self.home / "quarantine"

    @property
    def receipts(self) -> Path:
        return self.home / "receipts"

    @property
    def linkage(self) -> Path:
        return self.home / "linkage"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse"

    @property
    def published(self) -> Path:
        return self.home / "published"

    @property
    def reports(self) -> Path:
        return self.home / "reports"

    @property
    def state(self) -> Path:
        return self.home / "state"

    @property
    def dagster(self) -> Path:
        return self.home / "dagster"

    @property
    def release_secret_file(self) -> Path:
        return self.secret_file or self.state / "release.key"

    def release_secret(self) -> bytes:
        """Return the release secret, making it (mode 0600) on first use in the default place.

        The secret keys record keys and noise. It is never written into the warehouse or a snapshot, only its
        fingerprint is; losing it means re-baselining every published figure (docs/explanation/disclosure.md).
        """
        path = self.release_secret_file
        if not path.exists():
            if self.secret_file is not None:
                raise ConfigurationError(
                    f"JOINEDUP_RELEASE_SECRET_FILE names {path}, which does not exist: restore it from your vault, "
                    "or unset the variable to start a new secret (all published noise changes)."
                )
            write_new_secret(path)
        text = path.read_text(encoding="ascii").strip()
        if not _is_strong(text):
            raise ConfigurationError(
                f"{path} does not hold a release secret: expected at least {SECRET_BYTES} bytes as hexadecimal."
            )
        return bytes.fromhex(text)

    def release_secret_fingerprint(self) -> str:
        """Return 16 hex digits that recognise the release secret without revealing it; snapshots record them."""
        return blake2b(self.release_secret(), digest_size=8, person=b"joinedup-print").hexdigest()

    def snapshot_keys(self) -> tuple[str, ...]:
        """Return the keys of published files as hexadecimal, the current one first; none where no file is named.

        Each line of the file is a key of at least 32 bytes; the first encrypts, those below it still open what was
        published before they were replaced.
        """
        path = self.snapshot_key_file
        if path is None:
            return ()
        try:
            keys = tuple(path.read_text(encoding="ascii").split())
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"JOINEDUP_SNAPSHOT_KEY_FILE names {path}, which cannot be read: restore it from your vault, since "
                "without it no published snapshot can be opened."
            ) from error
        if not keys or not all(_is_strong(key) for key in keys):
            raise ConfigurationError(
                f"{path} does not hold keys of snapshots: expected on each line at least {SECRET_BYTES} bytes as "
                "hexadecimal (`openssl rand -hex 32` makes one)."
            )
        return keys

    def make_folders(self) -> None:
        """Make the home and its folders; say clearly when that cannot be done."""
        for folder in (
            self.landing,
            self.accepted,
            self.quarantine,
            self.receipts,
            self.linkage,
            self.warehouse,
            self.published,
            self.reports,
            self.state,
            self.dagster,
        ):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise HomeError(
                    f"Cannot make {folder} ({error.strerror}): choose a folder you can write with JOINEDUP_HOME."
                ) from error
        if not os.access(self.home, os.W_OK):
            raise HomeError(
                f"Cannot write in {self.home}: choose another folder with JOINEDUP_HOME or change its rights."
            )


def _is_strong(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) >= SECRET_BYTES
    except ValueError:
        return False


def write_new_secret(path: Path) -> None:
    """Write a fresh secret for its owner's eyes only; an existing one is never overwritten."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(SECRET_BYTES) + "\n")


def repository_root() -> Path:
    """Return the folder that holds `orchestration`, `dbt_project` and `seeds`."""
    return Path(__file__).resolve().parent.parent


def load_settings(area: Path | None = None, home: Path | None = None) -> Settings:
    """Read the environment once; an argument wins over its variable."""
    area_dir = area or Path(os.environ.get("JOINEDUP_AREA") or repository_root() / "seeds" / "demo_area")
    secret_file = os.environ.get("JOINEDUP_RELEASE_SECRET_FILE")
    snapshot_key_file = os.environ.get("JOINEDUP_SNAPSHOT_KEY_FILE")
    audit_key_file = os.environ.get("JOINEDUP_AUDIT_KEY_FILE")
    return Settings(
        area_dir=area_dir.expanduser().resolve(),
        home=(home or Path(os.environ.get("JOINEDUP_HOME") or "var")).expanduser().resolve(),
        port=_whole_number("JOINEDUP_PORT", DEFAULT_PORT, 1, 65535),
        host=os.environ.get("JOINEDUP_HOST") or "127.0.0.1",
        today=os.environ.get("JOINEDUP_TODAY") or None,
        stable_seconds=float(_whole_number("JOINEDUP_STABLE_SECONDS", 2, 0, 86_400)),
        snapshots_kept=_whole_number("JOINEDUP_SNAPSHOTS_KEPT", 5, 1, 1000),
        secret_file=Path(secret_file).expanduser() if secret_file else None,
        snapshot_key_file=Path(snapshot_key_file).expanduser() if snapshot_key_file else None,
        audit_key_file=Path(audit_key_file).expanduser() if audit_key_file else None,
        audit_days=_whole_number("JOINEDUP_AUDIT_DAYS", SIX_YEARS, 1, 36_600),
        warehouse_memory=os.environ.get("JOINEDUP_WAREHOUSE_MEMORY") or _share_of_memory(),
        answer_floor_ms=_whole_number("JOINEDUP_ANSWER_FLOOR_MS", 150, 0, 10_000),
        dagster_url=checked_address("JOINEDUP_DAGSTER_URL", os.environ.get("JOINEDUP_DAGSTER_URL")),
        request_log=os.environ.get("JOINEDUP_REQUEST_LOG") == "1",
        channels=read_channels(os.environ),
        purpose=os.environ.get("JOINEDUP_PURPOSE") or "service_design",
        audience=os.environ.get("JOINEDUP_AUDIENCE") or "designer",
        sign_in=read_sign_in(os.environ),
        state_url=os.environ.get("JOINEDUP_STATE_URL") or None,
    )


def _share_of_memory() -> str:
    """Return what DuckDB may use of this machine's memory, in its own words; the rest goes to disk."""
    gigabytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // MEMORY_SHARE // 10**9
    return max(f"{gigabytes}GB", LEAST_MEMORY, key=lambda said: int(said.removesuffix("GB")))


def linkage_key(*, is_previous: bool = False) -> bytes | None:
    """Return what the environment holds of a linkage key, as it stands there; None where it holds none.

    Not a field of Settings: an area never has a key, and what is no field is never printed with them.
    """
    name = "JOINEDUP_PREVIOUS_LINKAGE_KEY" if is_previous else "JOINEDUP_LINKAGE_KEY"
    held = os.environ.get(name)
    return os.fsencode(held) if held is not None else None


def _whole_number(name: str, default: int, least: int, most: int) -> int:
    text = os.environ.get(name)
    if not text:
        return default
    if not text.isdigit() or not least <= int(text) <= most:
        raise ConfigurationError(f"{name} is '{text}': expected a whole number from {least} to {most}.")
    return int(text)


def export(settings: Settings) -> None:
    """Hand the settings on to child processes (dbt, Dagster's web server, the dashboards) through the environment."""
    os.environ["JOINEDUP_AREA"] = str(settings.area_dir)
    os.environ["JOINEDUP_HOME"] = str(settings.home)
    os.environ["DAGSTER_HOME"] = str(settings.dagster)
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["JOINEDUP_WAREHOUSE_MEMORY"] = settings.warehouse_memory
    if settings.secret_file:
        os.environ["JOINEDUP_RELEASE_SECRET_FILE"] = str(settings.secret_file)
    if settings.snapshot_key_file:
        os.environ["JOINEDUP_SNAPSHOT_KEY_FILE"] = str(settings.snapshot_key_file)
    if settings.audit_key_file:
        os.environ["JOINEDUP_AUDIT_KEY_FILE"] = str(settings.audit_key_file)
    os.environ["JOINEDUP_AUDIT_DAYS"] = str(settings.audit_days)
    if settings.today:
        os.environ["JOINEDUP_TODAY"] = settings.today
    os.environ["JOINEDUP_PURPOSE"], os.environ["JOINEDUP_AUDIENCE"] = settings.purpose, settings.audience
