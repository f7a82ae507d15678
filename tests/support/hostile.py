"""Files that somebody made, or some accident, to harm whoever reads them; and a reading of one, measured from outside.

Run as a program with a home, it reads what lies in the home's landing folder.
"""

import gzip
import io
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from orchestration.settings import repository_root
from tests.support.deliveries import as_csv, ingest, make_settings, row

HEADER, FIRST_ROW, _ = as_csv([row(1)]).split("\n")
LINE = 100 << 20


def zipped(names: dict[str, bytes]) -> bytes:
    """Return a zip of files by the names given, even those that climb."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def zeros(size: int) -> bytes:
    """Return a gzip file of so many equal bytes, made without ever holding them."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as file:
        for _ in range(size >> 20):
            file.write(b"0" * (1 << 20))
    return packed.getvalue()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "gzip bomb": (lambda: zeros(512 << 20), "unpacks to more than"),
    "zip bomb": (lambda: zipped({"debt.csv": b"0" * (300 << 20)}), "unpacks to more than"),
    "zip whose entry climbs": (lambda: zipped({"../../debt.csv": b"x"}), "leads out of the archive"),
    "header of 10,000 columns": (
        (HEADER + "," + ",".join(f"c{n}" for n in range(10_000)) + "\n" + FIRST_ROW + "\n").encode,
        "columns; at most",
    ),
    "line of 100 MB": (lambda: f"{HEADER}\n{FIRST_ROW}".encode() + b"x" * LINE + b"\n", "a cell is too long"),
    "file of one line": (lambda: b"x" * LINE, "a cell is too long"),
    "NUL bytes": (f"{HEADER}\n{FIRST_ROW}\nP2,\0\0,1\n".encode, "line 3: holds a zero byte"),
    "NUL bytes only": (lambda: b"\0" * (1 << 20), "zero byte"),
}
"""What each file is, how it is made, and what the receipt says of it."""


def read_in_a_process(home: Path) -> int:
    """Read what lies in a home's landing folder in a process of its own; return its largest memory in bytes."""
    command = [sys.executable, "-m", "tests.support.hostile", str(home)]
    done = subprocess.run(command, cwd=repository_root(), check=True, stdout=subprocess.PIPE, text=True)
    return int(done.stdout)


def _largest_memory() -> int:
    """Return the most that this process has held; on Linux ru_maxrss would count its parent in."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    ingest(make_settings(Path(sys.argv[1])))
    print(_largest_memory())
