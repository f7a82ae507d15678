"""The form of a backup file: a line that says what it is, then frames, each compressed, digested and perhaps sealed.

A frame is its kind (more to come, or the end), its length, a digest of what is kept, and that. Sealed frames are bound
to their backup and place, so that none can be left out, repeated or put elsewhere, and a file cut short has no end.
"""

import json
import zlib
from collections.abc import Sequence
from hashlib import blake2b
from typing import IO

from orchestration.errors import BackupError
from orchestration.sealed_bytes import NoKeyFitsError, context_of, is_sealed, seal, unseal

FORM = "joinedup-backup-1"
FRAME_BYTES = 4 << 20
LARGEST_FRAME = FRAME_BYTES + (1 << 20)
DIGEST_BYTES = 16
MORE, END = b"m", b"e"
FASTEST = 1
LONGEST_HEAD = 4096


class FrameWriter:
    """A file to write into, as tarfile needs it; `close` writes the end, without which the file is no backup."""

    def __init__(self, file: IO[bytes], *, backup_id: str, keys: Sequence[str]) -> None:
        self._file, self._id, self._keys = file, backup_id, keys
        self._held, self._number = bytearray(), 0
        head = {"form": FORM, "id": backup_id, "sealed": bool(keys)}
        file.write(json.dumps(head).encode() + b"\n")

    def write(self, data: bytes) -> int:
        """Take in bytes, and write whole frames."""
        self._held += data
        while len(self._held) >= FRAME_BYTES:
            self._frame(MORE, bytes(self._held[:FRAME_BYTES]))
            del self._held[:FRAME_BYTES]
        return len(data)

    def close(self) -> None:
        """Write what is left, and the end."""
        self._frame(END, bytes(self._held))
        self._held.clear()

    def _frame(self, kind: bytes, data: bytes) -> None:
        context = _context(self._id, self._number, kind)
        kept = seal(zlib.compress(data, FASTEST), self._keys, context=context)
        self._file.write(kind + len(kept).to_bytes(4, "big") + _digest(context, kept) + kept)
        self._number += 1


class FrameReader:
    """A file to read from, as tarfile needs it. Every frame is checked before a byte of it is handed on."""

    def __init__(self, file: IO[bytes], *, name: str, keys: Sequence[str]) -> None:
        self._file, self._name, self._keys = file, name, keys
        self._held, self._number, self._is_over = b"", 0, False
        try:
            head = json.loads(file.readline(LONGEST_HEAD))
            self.backup_id, self.is_sealed, form = str(head["id"]), bool(head["sealed"]), head["form"]
        except (ValueError, KeyError, TypeError) as error:
            raise BackupError(f"{name} is no backup of Joined Up, or its beginning is damaged.") from error
        if form != FORM:
            raise BackupError(f"{name} has the form {str(form)[:40]!r}, which this version cannot read.")
        if self.is_sealed and not keys:
            raise BackupError(f"{name} is encrypted: name the file with its key in JOINEDUP_SNAPSHOT_KEY_FILE.")

    def read(self, size: int) -> bytes:
        """Return the next bytes, fewer at the end."""
        while len(self._held) < size and not self._is_over:
            self._held += self._frame()
        data, self._held = self._held[:size], self._held[size:]
        return data

    def finish(self) -> None:
        """Read to the end, and see that there is one and nothing after it."""
        while not self._is_over:
            self._frame()
        if self._file.read(1):
            raise self._damaged("something stands after its end")

    def _frame(self) -> bytes:
        head = self._file.read(5 + DIGEST_BYTES)
        kind, length = head[:1], int.from_bytes(head[1:5], "big")
        if len(head) < 5 + DIGEST_BYTES:
            raise self._damaged("it ends too early")
        if kind not in (MORE, END) or length > LARGEST_FRAME:
            raise self._damaged(f"part {self._number + 1} is not what was written")
        kept, context = self._file.read(length), _context(self.backup_id, self._number, kind)
        if len(kept) < length:
            raise self._damaged("it ends too early")
        if _digest(context, kept) != head[5:] or is_sealed(kept) is not self.is_sealed:
            raise self._damaged(f"part {self._number + 1} is not what was written")
        try:
            data = zlib.decompress(unseal(kept, self._keys, context=context))
        except NoKeyFitsError as error:
            raise BackupError(
                f"No key in JOINEDUP_SNAPSHOT_KEY_FILE opens {self._name}: name the key that was set when it was made "
                "(older keys may stand below the newest). Nothing was changed."
            ) from error
        except zlib.error as error:
            raise self._damaged(f"part {self._number + 1} is not what was written") from error
        self._number += 1
        self._is_over = kind == END
        return data

    def _damaged(self, how: str) -> BackupError:
        return BackupError(f"{self._name} is damaged: {how}. Use another backup; nothing was changed.")


def _context(backup_id: str, number: int, kind: bytes) -> str:
    return context_of("backup", backup_id, str(number), kind.decode("ascii"))


def _digest(context: str, kept: bytes) -> bytes:
    return blake2b(context.encode() + b"\0" + kept, digest_size=DIGEST_BYTES).digest()
