"""Writing the audit log: append-only, hash-chained, signed; any number of threads and processes at once.

One JSON object a line in `state/audit/<first sequence number>.jsonl`, a file a month. What does not belong here:
reading it back (reading), checking it (verifying), letting old records go (pruning).
"""

import errno
import fcntl
import hashlib
import os
import pwd
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from orchestration.audit.chain import START, Record, checkpoint_text, line_of, prune_text, sealed
from orchestration.audit.head import Head, read_head, write_head
from orchestration.audit.kinds import Kind, Value, checked, shortened
from orchestration.audit.reading import last_whole, segments
from orchestration.audit.signing import ALL_READ, PUBLIC_NAME, Checker, Signer
from orchestration.errors import HomeError
from orchestration.settings import Settings

CHECKPOINT_EVERY = 1_000
OWNER_ONLY = 0o600
Clock = Callable[[], datetime]
UNFINISHED = "a record that was cut off has been completed"
FOREIGN = "what stood after the end of the log, not written by it, has been set aside"
HEAD_LOST = "the signed head was missing or not ours"
ALL_LOST = "every record was removed"
TAIL_LOST = "records that the signed head knew are missing or changed"


class AuditLog:
    """The audit log of one home."""

    def __init__(
        self, folder: Path, *, key_file: Path, every: int = CHECKPOINT_EVERY, clock: Clock | None = None
    ) -> None:
        """Open nothing yet. `every`: records between two checkpoints."""
        self.folder, self.key_file, self._every = folder, key_file, every
        self._threads = threading.Lock()
        self._signer: Signer | None = None
        self._checker: Checker | None = None
        self._known: bytes = b""
        self._clock = clock

    def record(self, kind: Kind, *, who: str, **fields: Value) -> int:
        """Append a record and return its sequence number; raise HomeError when it cannot be written."""
        checked(kind, fields)
        with self._writing() as before:
            head = self._append(before, kind, who, fields)
            if before is None:
                self._show_key()
            if head.since_checkpoint >= self._every:
                self._checkpoint(head)
            return head.seq

    def checkpoint(self) -> None:
        """Sign the log as it stands, and see to it that it is on the disk; nothing when it was just done."""
        with self._writing() as head:
            if head is not None and head.since_checkpoint:
                self._checkpoint(head)

    def prune(self, first: Record, last: Record) -> None:
        """Append the signed record that allows a segment, from one record to another, to be removed."""
        with self._writing() as head:
            fields = {
                "first_seq": first["seq"], "last_seq": last["seq"],
                "before": first["previous"], "last_digest": last["digest"],
            }  # fmt: skip
            signer = self._ready()
            signed = {"key": signer.key_id, "signature": signer.sign(prune_text(fields))}
            self._append(head, "pruned", account(), {**fields, **signed})

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold writers off, for a look at a log that does not move."""
        with self._threads, self._locked():
            yield

    @contextmanager
    def _writing(self) -> Iterator[Head | None]:
        try:
            with self._threads, self._locked():
                yield self._current()
        except OSError as error:
            raise HomeError(
                f"Nothing can be recorded in {self.folder} ({error.strerror}), so it is not done: free some space or "
                "check its rights, then try again."
            ) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, OWNER_ONLY)  # a fork shares no open file
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _ready(self) -> Signer:
        if self._signer is None:
            self._signer = Signer(self.key_file, may_make=not segments(self.folder))
            self._checker = Checker(self._signer.public_pem)
        return self._signer

    def _show_key(self) -> None:
        """Write the public key: from now on a folder without records is one whose records were removed."""
        public = self.folder / PUBLIC_NAME
        public.write_bytes(self._ready().public_pem)
        public.chmod(ALL_READ)

    def _current(self) -> Head | None:
        """Return the head, after making whole what a killed process or another hand has left."""
        signer = self._ready()
        head, content = read_head(self.folder)
        found = segments(self.folder)
        if head is not None and content == self._known and found and found[-1].name == head.segment:
            if found[-1].stat().st_size == head.end:
                return head
        elif head is None and not content and not found:
            return self._resume(ALL_LOST, None) if (self.folder / PUBLIC_NAME).exists() else None
        checker = self._checker or Checker(signer.public_pem)
        if head is None or not checker.is_signed(head.text, head.signature):
            return self._resume(HEAD_LOST, head)
        return self._mended(head)

    def _mended(self, head: Head) -> Head | None:
        path = self.folder / head.segment
        held = path.read_bytes()[head.start :] if path.exists() else b""
        line = head.line.encode("ascii")
        size = path.stat().st_size if path.exists() else 0
        later = [one for one in segments(self.folder) if one.name > head.segment]
        if held[: len(line)] == line:
            extra = [(path, held[len(line) :])] if len(held) > len(line) else []
            extra += [(one, one.read_bytes()) for one in later]
            return self._set_aside(head, extra) if extra else self._remember(head)
        if size >= head.start and line.startswith(held) and not later:
            with path.open("ab") as file:
                file.write(line[len(held) :])
            path.chmod(OWNER_ONLY)
            if not held:
                return self._remember(head)  # killed before the first byte: nothing was torn
            facts: dict[str, Value] = {
                "what": UNFINISHED,
                "bytes": len(held),
                "sha256": hashlib.sha256(held).hexdigest(),
            }
            return self._append(head, "healed", account(), facts)
        return self._resume(TAIL_LOST, head)

    def _set_aside(self, head: Head, extra: list[tuple[Path, bytes]]) -> Head:
        content = b"".join(data for _, data in extra)
        digest = hashlib.sha256(content).hexdigest()
        kept = self.folder / f"aside-{digest[:16]}"
        kept.write_bytes(content)
        kept.chmod(OWNER_ONLY)
        for path, data in extra:
            if path.name == head.segment:
                os.truncate(path, path.stat().st_size - len(data))
            else:
                path.unlink()
        return self._append(head, "healed", account(), {"what": FOREIGN, "bytes": len(content), "sha256": digest})

    def _resume(self, what: str, head: Head | None) -> Head:
        """Go on after the last whole record, with a record of the break, which `verify` tells for good."""
        path, record = last_whole(self.folder)
        facts: dict[str, Value] = {
            "what": what, "expected_seq": head.seq if head else None, "expected_digest": head.digest if head else None,
        }  # fmt: skip
        if path is not None and path.stat().st_size and not path.read_bytes().endswith(b"\n"):
            with path.open("ab") as file:
                file.write(b"\n")
        size = path.stat().st_size if path else 0
        name = path.name if path else _segment(1)
        seq, digest = (int(record["seq"]), str(record["digest"])) if record else (0, START)
        month = str(record["at"])[:7] if record else ""
        resumed = Head(seq, digest, name, size, "", month, seq + 1, 0, "")
        return self._append(resumed, "broken", account(), facts)

    def _append(self, head: Head | None, kind: Kind, who: str, fields: dict[str, Value]) -> Head:
        signer, now = self._ready(), self._clock() if self._clock else datetime.now(UTC)
        seq = head.seq + 1 if head else 1
        record = sealed(
            {
                **checked(kind, fields),
                "seq": seq,
                "at": now.isoformat(timespec="milliseconds"),
                "kind": kind,
                "who": shortened(who, 600),
                "previous": head.digest if head else START,
            }
        )
        line = line_of(record).decode("ascii")
        is_new = head is None or head.month != f"{now:%Y-%m}"
        name = _segment(seq) if is_new or head is None else head.segment
        start = 0 if is_new or head is None else head.end
        since = 0 if kind == "checkpoint" else (head.since_checkpoint if head else 0) + 1
        first = seq if is_new or head is None else head.first_seq
        new = Head(seq, str(record["digest"]), name, start, line, f"{now:%Y-%m}", first, since, "")
        return self._write(head, _signed(new, signer))

    def _write(self, before: Head | None, head: Head) -> Head:
        path, line = self.folder / head.segment, head.line.encode("ascii")
        content = write_head(self.folder, head)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, OWNER_ONLY)
        try:
            try:
                if os.write(descriptor, line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # noqa: TRY301 - both kinds of full disk end alike
            except OSError:
                os.ftruncate(descriptor, head.start)
                if before is not None and before.signature:
                    write_head(self.folder, before)
                else:
                    (self.folder / "head").unlink()
                    if not head.start:
                        path.unlink()
                raise
        finally:
            os.close(descriptor)
        self._known = content
        return head

    def _remember(self, head: Head) -> Head:
        _, self._known = read_head(self.folder)
        return head

    def _checkpoint(self, head: Head) -> Head:
        signer = self._ready()
        signature = signer.sign(checkpoint_text(seq=head.seq, digest=head.digest))
        new = self._append(head, "checkpoint", account(), {"key": signer.key_id, "signature": signature})
        with (self.folder / new.segment).open("rb") as file:
            os.fsync(file.fileno())
        return new


def audit_of(settings: Settings) -> AuditLog:
    """Return the audit log of a home, one for each process."""
    return _log(settings.state / "audit", settings.audit_key_file or settings.state / "audit.key")


@cache
def account() -> str:
    """Return the operating system's account that this process runs under."""
    with suppress(KeyError):
        return f"account {pwd.getpwuid(os.getuid()).pw_name}"
    return f"account {os.getuid()}"


@cache
def _log(folder: Path, key_file: Path) -> AuditLog:
    return AuditLog(folder, key_file=key_file)


def _segment(seq: int) -> str:
    return f"{seq:012d}.jsonl"


def _signed(head: Head, signer: Signer) -> Head:
    return Head(
        head.seq, head.digest, head.segment, head.start, head.line, head.month, head.first_seq, head.since_checkpoint,
        signer.sign(head.text),
    )  # fmt: skip
