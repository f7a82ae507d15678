"""What a delivered file really is: its bytes, its kind (whatever its suffix says) and its text.

What belongs here: digests, decompression within bounds, encoding. What does not: rows and columns
(orchestration.feeds.rawtables).
"""

import codecs
import gzip
import hashlib
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from orchestration.errors import LandingError

Kind = Literal["text", "workbook", "parquet"]
MOST_BYTES = 4 * 1024**3  # after decompression: a gzip bomb stops here instead of at the end of memory
CHUNK = 1 << 20
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"PAR1", "parquet"),
    (b"PK\x03\x04", "workbook"),
    (b"\xd0\xcf\x11\xe0", "workbook"),
)


class UnreadableFileError(LandingError):
    """A file cannot be read at all. The message never quotes its content."""


@dataclass(frozen=True)
class Content:
    """One file's bytes as delivered (decompressed), with the digest of what lay in the landing folder."""

    name: str
    sha256: str
    size: int
    data: bytes
    is_compressed: bool

    @property
    def kind(self) -> Kind:
        """Tell the kind from the first bytes; a suffix may lie."""
        return next((kind for magic, kind in MAGIC if self.data.startswith(magic)), "text")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            found.update(piece)
    return found.hexdigest()


def read_content(path: Path) -> Content:
    """Read a whole file, undoing gzip; raise UnreadableFileError when that cannot be done within bounds."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"'{path.name}' cannot be read ({error.strerror}).") from error
    is_compressed = raw.startswith(b"\x1f\x8b")
    return Content(
        name=path.name,
        sha256=hashlib.sha256(raw).hexdigest(),
        size=len(raw),
        data=_decompress(path.name, raw) if is_compressed else raw,
        is_compressed=is_compressed,
    )


def decode(content: Content, declared: str | None) -> tuple[str, str]:
    """Return the text and the encoding it was read with: the declared one, else the one detected.

    Detection: a byte order mark; UTF-16 by its zero bytes; UTF-8; else Windows-1252 (what Excel on Windows writes in
    Britain), and Latin-1 for the five bytes that Windows-1252 leaves undefined.
    """
    encoding = declared or detect_encoding(content.data)
    for candidate in dict.fromkeys((encoding, "utf-8-sig") if declared and _is_utf8(declared) else (encoding,)):
        try:
            text = content.data.decode(candidate)
        except LookupError:
            raise UnreadableFileError(f"'{content.name}': the contract's encoding '{encoding}' is not known.") from None
        except UnicodeDecodeError as error:
            raise UnreadableFileError(
                f"'{content.name}' is not {encoding} text (byte {error.start} does not fit). Save it as UTF-8, or ask "
                "for the contract's encoding to be changed."
            ) from None
        encoding = candidate
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UnreadableFileError(
            f"'{content.name}', line {line}: holds a zero byte: it is damaged or is not text. Export it again."
        )
    return text, encoding


def detect_encoding(data: bytes) -> str:
    """Return a Python codec name that decodes the data."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding
    head = data[:4096]
    if len(head) >= 4 and head.count(0) >= len(head) // 4:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if max(even, odd) > 3 * min(even, odd):
            return "utf-16-be" if even > odd else "utf-16-le"
    for encoding in ("utf-8", "cp1252"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def _is_utf8(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding).name == "utf-8"
    except LookupError:
        return False


def _decompress(name: str, raw: bytes) -> bytes:
    pieces: list[bytes] = []
    total = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as file:
            while piece := file.read(CHUNK):
                total += len(piece)
                if total > MOST_BYTES:
                    raise UnreadableFileError(f"'{name}' unpacks to more than {MOST_BYTES >> 30} GiB: it is not read.")
                pieces.append(piece)
    except (OSError, EOFError, zlib.error):
        raise UnreadableFileError(f"'{name}' is a damaged or unfinished gzip file. Send it again.") from None
    return b"".join(pieces)
