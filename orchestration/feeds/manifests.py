"""The manifest of a pseudonymised file: what was done, in counts, and with which key; never a value, never the key.

What belongs here: the model and the counting. What does not: reading manifests in the landing folder (`sidecars`).
"""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Manifest:
    """What was done, in counts: nothing in it tells about a person.

    identifiers: for each kind found, how many rows have a value and how many a usable one; blanked: why the others were
    not used (orchestration.feeds.blanks). tokens: how many rows have each. columns: headers written; not_made: headers
    that the contract has and the file lacks; left_out: how many columns of the source were not written. areas:
    postcodes looked up, and found. unlinkable: rows without any token of a person; they are written all the same.
    sha256: of the file written.
    """

    feed: str
    file: str
    tool_version: str
    token_version: str
    key_id: str
    rows: int
    rows_set_aside: int
    identifiers: dict[str, dict[str, int]]
    tokens: dict[str, int]
    columns: tuple[str, ...]
    left_out: int
    sha256: str
    previous_key_id: str | None = None
    contract_version: str = ""
    blanked: dict[str, dict[str, int]] = field(default_factory=dict)
    birth_format: str | None = None
    areas: dict[str, int] = field(default_factory=dict)
    not_made: tuple[str, ...] = ()
    unlinkable: int = 0

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"


@dataclass
class Tally:
    """What was counted so far."""

    rows: int = 0
    set_aside: int = 0
    unlinkable: int = 0
    given: Counter[str] = field(default_factory=Counter)
    usable: Counter[str] = field(default_factory=Counter)
    tokens: Counter[str] = field(default_factory=Counter)
    areas: Counter[str] = field(default_factory=Counter)
    blanked: dict[str, Counter[str]] = field(default_factory=dict)
