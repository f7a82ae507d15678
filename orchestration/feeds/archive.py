"""Files inside files: gzip and zip, unpacked in memory and within bounds, and what no table is ever in.

What belongs here: unpacking, its limits, and naming what a file is by its first bytes. What does not: encodings
(orchestration.feeds.content), sheets (orchestration.feeds.workbook). Nothing is ever written to disk, so a member whose
path climbs out of its archive has nowhere to climb to; such an archive is refused all the same, as it was made to harm.
"""

import gzip
import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import IO

from orchestration.errors import LandingError

CHUNK = 1 << 20
MOST_BYTES = 4 * 1024**3
"""After unpacking. A bomb stops here at the latest instead of at the end of memory."""
MOST_RATIO = 200
"""Unpacked to packed size: exports of real systems reach 5 to 40, deflate itself 1,032."""
RATIO_COUNTS_FROM = 64 << 20
"""A small file may be as regular as it likes: it fits in memory."""
MOST_MEMBERS = 10_000
GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
OLE = b"\xd0\xcf\x11\xe0"
NO_DATA = re.compile(r"(?i)(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._[^/]*$)")
FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"GIF8", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"Rar!\x1a", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"BZh91AY&SY", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"{\\rtf", "a word processor's document"),
    (b"SQLite format 3\x00", "a database"),
    (b"\x00\x01\x00\x00Standard ", "an Access database"),
    (b"-----BEGIN PGP", "an encrypted message"),
)
"""What arrives under the name of a table and is none, by its first bytes."""
MARKUP = re.compile(rb"(?is)^(?:\xef\xbb\xbf)?\s*<(!doctype\s+html|html|head|body|table|meta|style|\?xml|!--)")


class UnreadableFileError(LandingError):
    """A file cannot be read at all. The message never quotes its content."""


def unpack(name: str, raw: bytes, member: str | None) -> tuple[bytes, dict[str, str]]:
    """Return what is inside a gzip or zip file, and how it was packed; other bytes come back as they are.

    `member` is the contract's regular expression on the name of the file inside a zip. Workbooks are zips of their own
    kind and are left whole. Raises UnreadableFileError for what is damaged, locked, too large, or holds no table.
    """
    if raw.startswith(GZIP):
        data, packing = _gunzip(name, raw), {"compression": "gzip"}
    elif raw.startswith((ZIP, EMPTY_ZIP)) and not is_workbook(name, raw):
        data, inner = _member(name, raw, member)
        packing = {"compression": "zip", "member": inner}
    else:
        return raw, {}
    if data.startswith(GZIP) or (data.startswith(ZIP) and not is_workbook(name, data)):
        raise UnreadableFileError(f"'{name}' is an archive inside an archive. Send the file itself, packed once.")
    return data, packing


def refuse_foreign(name: str, data: bytes) -> None:
    """Raise UnreadableFileError for a file that is something else than a table, saying what it is."""
    kind = next((kind for magic, kind in FOREIGN if data.startswith(magic)), None)
    if kind is None and data[257:262] == b"ustar":
        kind = "a tar archive"
    if kind:
        raise UnreadableFileError(
            f"'{name}' is {kind} and no table, whatever its name says. Export it as CSV or .xlsx."
        )
    if MARKUP.match(data[:1024]):
        raise UnreadableFileError(
            f"'{name}' is a web page or XML, whatever its name says (some systems call that an Excel file). Open it in "
            "a spreadsheet program, save it as .xlsx or CSV, and send that."
        )


def is_workbook(name: str, raw: bytes) -> bool:
    """Tell a workbook (.xlsx, .xlsm, .xlsb, .ods) from another zip."""
    names = {info.filename for info in open_zip(name, raw).infolist()}
    return any(part.startswith("xl/") for part in names) or {"mimetype", "content.xml"} <= names


def open_zip(name: str, raw: bytes) -> zipfile.ZipFile:
    """Return the archive; raise UnreadableFileError when its list of contents cannot be read or is itself a bomb."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, UnicodeDecodeError):
        what = "workbook or zip file"
        raise UnreadableFileError(f"'{name}' is a damaged or unfinished {what}. Send it again.") from None
    if len(archive.infolist()) > MOST_MEMBERS:
        raise UnreadableFileError(f"'{name}' holds more than {MOST_MEMBERS} files: it is not read.")
    return archive


def read_member(name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return one member within the limits."""
    if info.flag_bits & 1:
        raise UnreadableFileError(
            f"'{name}' is locked with a password. Send it without one, by the agreed safe channel."
        )
    try:
        with archive.open(info) as file:
            return bounded(name, file, max(info.compress_size, 1))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError):
        raise UnreadableFileError(
            f"'{name}' is a damaged zip file, or packed in an unusual way. Send it again."
        ) from None


def bounded(name: str, file: gzip.GzipFile | IO[bytes], packed: int) -> bytes:
    """Read a file that unpacks itself; stop as soon as it is larger than any real delivery."""
    pieces: list[bytes] = []
    total = 0
    while piece := file.read(CHUNK):
        total += len(piece)
        if total > MOST_BYTES:
            raise UnreadableFileError(f"'{name}' unpacks to more than {MOST_BYTES >> 20} MiB: it is not read.")
        if total > RATIO_COUNTS_FROM and total > MOST_RATIO * packed:
            raise UnreadableFileError(
                f"'{name}' unpacks to more than {MOST_RATIO} times its size, as no export of data does: it is not read."
            )
        pieces.append(piece)
    return b"".join(pieces)


def _gunzip(name: str, raw: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as file:
            return bounded(name, file, len(raw))
    except (OSError, EOFError, zlib.error):
        raise UnreadableFileError(f"'{name}' is a damaged or unfinished gzip file. Send it again.") from None


def _member(name: str, raw: bytes, pattern: str | None) -> tuple[bytes, str]:
    archive = open_zip(name, raw)
    chosen = chosen_member(name, archive, pattern)
    return read_member(name, archive, chosen), PurePosixPath(chosen.filename).name


def chosen_member(name: str, archive: zipfile.ZipFile, pattern: str | None) -> zipfile.ZipInfo:
    """Return the one file of an archive that is the table; raise UnreadableFileError where it is not one."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if any(_climbs(info) for info in infos):
        raise UnreadableFileError(
            f"'{name}' holds a file whose path leads out of the archive: none of it is read. Pack it again."
        )
    infos = [info for info in infos if not NO_DATA.search(info.filename)]
    chosen = [info for info in infos if pattern is None or _fits(pattern, info.filename)]
    if len(chosen) != 1:
        found = (
            f"{len(chosen)} of its {len(infos)} files fit the contract's pattern" if pattern else f"{len(infos)} files"
        )
        raise UnreadableFileError(
            f"'{name}' holds {found}, and exactly one is needed. Pack one file, or ask for the contract's `member`."
        )
    return chosen[0]


def _fits(pattern: str, path: str) -> bool:
    return bool(re.fullmatch(pattern, path) or re.fullmatch(pattern, PurePosixPath(path).name))


def _climbs(info: zipfile.ZipInfo) -> bool:
    """Tell whether a member's path is absolute, has a drive, steps upwards, or is a link."""
    path = PurePosixPath(info.filename.replace("\\", "/"))
    is_link = (info.external_attr >> 16) & 0o170000 == 0o120000
    return path.is_absolute() or ".." in path.parts or ":" in info.filename.split("/")[0] or is_link
