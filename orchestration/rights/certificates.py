"""The certificate of an erasure: what was done, in JSON for the auditor and in words for the person who asked."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from orchestration.audit import audit_of
from orchestration.audit.log import account
from orchestration.feeds.atomic import write_bytes
from orchestration.rights.removal import Removed
from orchestration.rights.searching import Searched
from orchestration.settings import Settings


@dataclass(frozen=True)
class Certificate:
    """What was done, for the person who asked and for the auditor. Holds nothing that names or numbers the person."""

    request: str
    finished_at: str
    scope: str
    feeds: int
    records: int
    removed: Removed
    older_snapshots: int
    searched: Searched
    is_published_without: bool
    backups: int = 0
    backups_until: date | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the certificate as it is written."""
        return {
            "request": self.request,
            "finished_at": self.finished_at,
            "by": account(),
            "scope": self.scope,
            "feeds_with_records": self.feeds,
            "records_removed_at_partners_feeds": self.records,
            "rows_removed": self.removed.rows,
            "files_changed_or_removed": self.removed.files,
            "older_snapshots_removed": self.older_snapshots,
            "files_searched": self.searched.files,
            "bytes_searched": self.searched.bytes,
            "files_in_which_something_was_found": len(self.searched.found),
            "published_without_the_person": self.is_published_without,
            "backups_that_still_hold_them": self.backups,
            "backups_go_by": self.backups_until.isoformat() if self.backups_until else None,
            "kept": "A keyed mark, by which a later delivery of the same person is recognised and not kept.",
        }

    def to_words(self) -> str:
        """Return the certificate in plain sentences."""
        rows, files, found = sum(self.removed.rows.values()), self.searched.files, self.searched.found
        lines = [
            f"Certificate of erasure {self.request}",
            f"Finished: {self.finished_at}",
            "",
            "You asked that we remove what is held about you. "
            + (
                f"Removed was {self.scope}: {self.records:,} that {self.feeds} feeds had sent, {rows:,} rows in all."
                if self.records or rows
                else "No record here has the tokens that were made of your details."
            ),
            f"Afterwards {files:,} files were searched. "
            + ("Nothing about you was found." if not found else f"Something is still found in {len(found)}."),
            "Statistics are published without you."
            if self.is_published_without
            else "Statistics still count you until the next refresh; they name nobody.",
        ]
        if self.backups and self.backups_until:
            lines.append(
                f"{self.backups} backups still hold it, which nobody reads unless everything else is lost. The last of "
                f"them is deleted after {self.backups_until:%d %B %Y}."
            )
        lines += [
            "What is kept: a keyed mark, from which nobody can tell who you are. By it we know not to keep your record "
            "if a partner sends it again.",
            "The partners themselves still have their own records of you: ask them about those.",
        ]
        return "\n".join(lines) + "\n"


def certificate_path(settings: Settings, request: str) -> Path:
    return settings.reports / "rights" / f"forgotten-{request}.json"


def write_certificate(settings: Settings, certificate: Certificate) -> None:
    """Write the certificate, and its digest into the audit log."""
    content = json.dumps(certificate.to_dict(), indent=2).encode()
    path = certificate_path(settings, certificate.request)
    write_bytes(path, content + b"\n")
    write_bytes(path.with_suffix(".txt"), certificate.to_words().encode())
    outcome = "proved" if not certificate.searched.found else "still found"
    outcome += "" if certificate.is_published_without else ", to be published"
    audit_of(settings).record(
        "forget",
        who=account(),
        certificate=hashlib.sha256(content).hexdigest(),
        outcome=outcome,
        stores=sorted(certificate.removed.files),
    )
