"""The published vectors: what another implementation of tokens is checked by, step by step.

`python -m tests.support.token_vectors` prints docs/reference/token-vectors.json from tests/golden/tokens/given.csv.
"""

import json

import polars as pl

from orchestration.feeds.identifiers import standardise
from orchestration.feeds.keys import GOLDEN_KEY, key_id
from orchestration.feeds.tokens import TOKEN_PARTS, TOKEN_VERSION, make_tokens, messages_of
from orchestration.settings import repository_root

GIVEN = repository_root() / "tests" / "golden" / "tokens" / "given.csv"


def vectors_text() -> str:
    """Return the vectors as JSON: for each case what is given, its standard forms, the messages in hex, the tokens."""
    given = pl.read_csv(GIVEN, infer_schema=False)
    people = given.drop("case").with_columns(pl.col("birth_date").str.to_date())
    standard = standardise(people)
    messages, tokens = messages_of(standard), make_tokens(people, GOLDEN_KEY)
    cases = [
        {
            "case": given["case"][n],
            "given": given.drop("case").row(n, named=True),
            "standard": standard.with_columns(pl.col("birth_date").dt.to_string()).row(n, named=True),
            "messages_hex": {kind: m.encode().hex() if m else None for kind, m in messages.row(n, named=True).items()},
            "tokens": tokens.row(n, named=True),
        }
        for n in range(given.height)
    ]
    said = {
        "what": "a token is the first 32 hexadecimal digits of HMAC-SHA-256(key_hex as text, message)",
        "token_version": TOKEN_VERSION,
        "separator_hex": "1f",
        "key_hex": GOLDEN_KEY.hex(),
        "key_id": key_id(GOLDEN_KEY),
        "key_id_message_hex": f"{TOKEN_VERSION}\x1fkey_id".encode().hex(),
        "parts": {kind: list(parts) for kind, parts in TOKEN_PARTS.items()},
        "cases": cases,
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(vectors_text(), end="")
