"""An opt-out list as a CSV file: one objection a line, by token and purpose."""

import csv
import io
from collections.abc import Collection

from orchestration.errors import HomeError
from orchestration.rights.forgetting import SHORTEST_TOKEN, is_token

COLUMNS = ("token", "purpose")


def read_opt_outs(text: str, *, purposes: Collection[str]) -> dict[str, list[str]]:
    """Return tokens by purpose; raise HomeError, naming the line and never the token, for what cannot be read.

    `purposes` are those that agreements name.
    """
    lines = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    found: dict[str, dict[str, None]] = {}
    try:
        if not set(COLUMNS) <= {*(lines.fieldnames or ())}:
            raise HomeError(f"The list needs a first line with the columns {' and '.join(COLUMNS)}.")
        for row in lines:
            token, purpose = ((row[name] or "").strip() for name in COLUMNS)
            if not is_token(token):
                raise HomeError(
                    f"Line {lines.line_num} has no token (at least {SHORTEST_TOKEN} signs, no blanks); nothing was "
                    "added."
                )
            if purpose not in purposes:
                raise HomeError(
                    f"Line {lines.line_num}: no agreement names that purpose; choose one of "
                    f"{', '.join(sorted(purposes))}. Nothing was added."
                )
            found.setdefault(purpose, {})[token] = None
    except csv.Error as error:
        raise HomeError(f"The list cannot be read as CSV from line {lines.line_num} on ({error}).") from None
    if not found:
        raise HomeError("The list names nobody: write one objection a line below token,purpose.")
    return {purpose: list(tokens) for purpose, tokens in found.items()}
