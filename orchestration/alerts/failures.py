"""A failure of a refresh as a cause, in words that cannot hold a value of a row.

Our own messages name files, lines, keys and feeds. Those of dbt, DuckDB and polars may quote a cell, so of these only
the kind of error and the name of the model or test is told; the rest stays in Dagster and on the engineer's screen.
"""

import re
from datetime import datetime

from orchestration import errors
from orchestration.alerts.causes import IN_RUN, Cause
from orchestration.errors import JoinedUpError

AREA_PACK = "area pack"
REFRESH = "refresh"
RULES = "rows in force"
PUBLISHING = "publishing"
REPORT = "leadership report"
STAGES = (AREA_PACK, REFRESH, RULES, PUBLISHING, REPORT)
"""Places of failures besides feeds, in the order of a refresh; `refresh` is the plan, and what is no other's."""
LONGEST = 400
BROKEN = re.compile(r"(?:Failure|Error) in (?:model|test|seed|snapshot|source|unit_test) (\w+)")
MENDS = {
    AREA_PACK: "Mend what the message names; `joinedup contract validate` prints every error of the pack at once.",
    REFRESH: "Read the message, mend what it names, and run `joinedup refresh` again.",
    RULES: "See `joinedup status` for the agreements, mend what the message names, and run `joinedup refresh` again.",
    PUBLISHING: "The published snapshot is untouched. docs/how-to/recover-from-a-failed-refresh.md says where to look.",
    REPORT: "The snapshot is published all the same. Run `joinedup report` to see the message again.",
}
FEED_MEND = "The other feeds go on. Mend what the message names, and run `joinedup refresh` again."
OURS = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, JoinedUpError)}


def failure(place: str, *, kind: str, message: str, where: str, at: datetime) -> Cause:
    """Return the cause of a failure in a feed or a stage. `kind` is the name of the error's class."""
    return Cause(
        kind="failure",
        place=place,
        subject=IN_RUN,
        what=safe_words(kind, message),
        where=where,
        mend=MENDS.get(place, FEED_MEND),
        since=at,
    )


def safe_words(kind: str, message: str) -> str:
    """Return what may be told of an error outside the area: our own words, or the names that dbt's words hold."""
    if kind in OURS and kind != "WarehouseError":
        first = " ".join(message.split())
        return first if len(first) <= LONGEST else f"{first[:LONGEST]} …"
    if names := sorted(set(BROKEN.findall(message))):
        return f"The warehouse could not be built: {', '.join(names[:10])}."
    if kind == "WarehouseError":
        return "The warehouse could not be built."
    return f"The program stopped with {kind}; the run has its whole message."
