"""What a delivered file really is: its bytes, its kind (whatever its suffix says) and its text.

What belongs here: digests and encodings. What does not: unpacking (orchestration.feeds.archive), rows and columns
(orchestration.feeds.rawtables).
"""

import codecs
import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from orchestration.feeds.archive import CHUNK, OLE, ZIP, UnreadableFileError, refuse_foreign, unpack

__all__ = ["Content", "UnreadableFileError", "decode", "detect_encoding", "digest", "read_content"]
Kind = Literal["text", "workbook", "parquet", "json"]
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"PAR1", "parquet"),
    (ZIP, "workbook"),
    (OLE, "workbook"),
)

UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
HIGH_BYTE = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True)
class Content:
    """One file's bytes as delivered (unpacked), with the digest of what lay in the landing folder.

    `packing` tells how it was packed: compression, and the member of a zip.
    """

    name: str
    sha256: str
    size: int
    data: bytes
    packing: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        """Tell the kind from the first bytes; a suffix may lie."""
        found = next((kind for magic, kind in MAGIC if self.data.startswith(magic)), None)
        return found or ("json" if _is_json(self.data) else "text")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            found.update(piece)
    return found.hexdigest()


def read_content(path: Path, *, member: str | None = None) -> Content:
    """Read a whole file, unpacking gzip and zip (of which `member` names the file that counts).

    Raises UnreadableFileError when it cannot be read within bounds, or is no table at all.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"'{path.name}' cannot be read ({error.strerror}).") from error
    data, packing = unpack(path.name, raw, member)
    refuse_foreign(path.name, data)
    return Content(name=path.name, sha256=hashlib.sha256(raw).hexdigest(), size=len(raw), data=data, packing=packing)


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


def utf8_letters(data: bytes) -> int:
    """Return how many letters look like UTF-8 in what is none as a whole; 0 where most accents are not."""
    found = [len(match) for match in UTF8_SEQUENCE.findall(data)]
    return len(found) if 2 * sum(found) > len(HIGH_BYTE.findall(data)) else 0


def _is_utf8(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding).name == "utf-8"
    except LookupError:
        return False


def _is_json(data: bytes) -> bool:
    """Tell whether the first line is a JSON object, or the file begins like a list of them."""
    head = data[: 1 << 20].removeprefix(codecs.BOM_UTF8).lstrip()
    if head.startswith(b"["):
        return head[1:].lstrip().startswith(b"{")
    if not head.startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(head.split(b"\n", 1)[0]), dict)
    except ValueError:
        return False
