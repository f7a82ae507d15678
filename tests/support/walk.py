"""A how-to page as steps that can be followed literally: its files, its commands and what it says they print.

Rules of such a page: an `sh` block is run; a `text` block after it holds lines of its output; a paragraph that begins
with "Exit code N" tells how it ends. A `yaml`, `sql` or `python` block is the file named by "File `path`" just before,
a `csv` block is appended to the file of "Append to `path`", and a `diff` block changes the file of "Change in `path`".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

FENCE = re.compile(r"^```([a-z]+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = r"File `([^`]+)`[^`]*\Z"
NAMED = {
    **dict.fromkeys(("yaml", "sql", "python"), FILE),
    "csv": r"Append to `([^`]+)`[^`]*\Z",
    "diff": r"Change in `([^`]+)`[^`]*\Z",
}


@dataclass(frozen=True)
class Step:
    """One code block: `kind` is its language, `path` the file it makes or changes, `exit_code` how its commands end."""

    kind: str
    body: str
    path: str = ""
    exit_code: int = 0


def steps(page: str) -> Iterator[Step]:
    """Yield the code blocks of a page in order."""
    found = list(FENCE.finditer(page))
    for place, block in enumerate(found):
        kind, body = block[1], block[2]
        before = page[found[place - 1].end() if place else 0 : block.start()]
        after = page[block.end() : found[place + 1].start() if place + 1 < len(found) else len(page)]
        path, code = "", 0
        if kind in NAMED:
            named = re.search(NAMED[kind], before.strip(), re.DOTALL)
            if named is None:
                raise ValueError(f"the page does not say which file this {kind} block is:\n{body}")
            path = named[1]
        if kind == "sh" and (told := re.match(r"\s*Exit code (\d+)", after)):
            code = int(told[1])
        yield Step(kind, body, path, code)


def changed(text: str, diff: str) -> str:
    """Apply a block of '-old' and '+new' lines; every old line must be there exactly once."""
    lines = [line for line in diff.splitlines() if line]
    for old, new in zip(lines[::2], lines[1::2], strict=True):
        if not (old.startswith("-") and new.startswith("+") and text.count(f"{old[1:]}\n") == 1):
            raise ValueError(f"not once in the file, or not a pair of lines: {old!r}, {new!r}")
        text = text.replace(f"{old[1:]}\n", f"{new[1:]}\n")
    return text
