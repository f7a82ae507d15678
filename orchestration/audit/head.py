"""The head of the log: its newest record, whole and signed, written before the record is appended.

So a process may be killed at any point: a record that the head has and the log lacks is completed from it, and what
the log has beyond the head was not written by us. Fixed size, overwritten in place, which needs no free disk.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from orchestration.audit.chain import checkpoint_text

SIZE = 16_384
NAME = "head"


@dataclass(frozen=True, slots=True)
class Head:
    """The newest record. `start` is where its line begins in `segment`; the log ends with it."""

    seq: int
    digest: str
    segment: str
    start: int
    line: str
    month: str
    first_seq: int
    since_checkpoint: int
    signature: str

    @property
    def text(self) -> str:
        """What is signed."""
        return f"head {self.segment} {self.start} {checkpoint_text(seq=self.seq, digest=self.digest)}"

    @property
    def end(self) -> int:
        return self.start + len(self.line)


def write_head(folder: Path, head: Head) -> bytes:
    """Overwrite the head in place and return its bytes."""
    content = json.dumps(asdict(head)).encode("ascii")
    if len(content) >= SIZE:
        raise ValueError(f"A record of the audit log is longer than {SIZE} bytes.")
    descriptor = os.open(folder / NAME, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.pwrite(descriptor, content.ljust(SIZE), 0)
    finally:
        os.close(descriptor)
    return content.ljust(SIZE)


def read_head(folder: Path) -> tuple[Head | None, bytes]:
    """Return the head and its bytes; None where there is none or where it cannot be read."""
    try:
        content = (folder / NAME).read_bytes()
    except FileNotFoundError:
        return None, b""
    try:
        return Head(**json.loads(content)), content
    except (ValueError, TypeError):
        return None, content
