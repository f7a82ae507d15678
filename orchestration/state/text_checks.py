"""Texts that people write: none empty, none too long, none with an identifier in clear.

What an identifier looks like is in orchestration.feeds.clear_identifiers. Errors name the kind, never the words found.
"""

from collections.abc import Mapping

from orchestration.errors import ConfigurationError
from orchestration.feeds.clear_identifiers import identifiers_in_text

LONGEST = 2_000


class TextError(ConfigurationError):
    """A text that a person wrote may not be kept as it is."""

    heading = "This may not be kept as it is"


def checked_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts without space around them; raise TextError naming the first that may not be kept, and why."""
    found = {name: " ".join(text.split()) for name, text in texts.items()}
    for name, text in found.items():
        if not text:
            raise TextError(f"'{name}' is empty: every one of {', '.join(texts)} is needed.")
        if len(text) > LONGEST:
            raise TextError(f"'{name}' has {len(text):,} characters: at most {LONGEST:,} are kept.")
        if kinds := identifiers_in_text(text):
            raise TextError(
                f"'{name}' seems to hold {' and '.join(kinds)}: write it again without, and without anything else by "
                "which a person could be recognised. Nothing was kept."
            )
    return found
