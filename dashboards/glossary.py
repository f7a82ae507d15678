"""The one glossary, docs/glossary.md: the documents show it as a table, the pages as words that explain themselves."""

import re
from functools import cache
from itertools import count

from dash import html

from dashboards.components.attributes import aria
from orchestration.settings import repository_root

ROW = re.compile(r"^\| \*\*(.+?)\*\* \| (.+?) \|", re.MULTILINE)
# The words of the glossary that charts use and that do not explain themselves, by the forms in which they are written.
MARKED = {
    "different people": "different people", "spell": "spell", "spells": "spell",
    "episode": "episode", "episodes": "episode",
    "contact": "contact", "first door": "first door", "first doors": "first door", "theme": "theme", "themes": "theme",
    "co-use": "co-use", "standardised difference": "standardised difference", "95% interval": "95% interval",
    "intervals": "95% interval", "published value": "published value", "match rate": "match rate", "persona": "persona",
    "policy lens": "lens", "cohort": "cohort", "deprivation": "deprivation", "needs": "need", "recorded need": "need",
    "hidden": "hidden", "quarantine": "accepted, quarantined, superseded", "household": "household",
    "households": "household",
}  # fmt: skip
WORDS = re.compile(
    rf"(?<![\w-])({'|'.join(sorted(map(re.escape, MARKED), key=len, reverse=True))})(?![\w-])", re.IGNORECASE
)


@cache
def glossary() -> dict[str, str]:
    """Return {term: meaning} of the glossary, in its order, without the marks of Markdown."""
    text = (repository_root() / "docs" / "glossary.md").read_text(encoding="utf-8")
    return {term: re.sub(r"[*`]", "", meaning) for term, meaning in ROW.findall(text)}


def with_terms(prefix: str, text: str, *, most: int = 2) -> list[str | html.Span]:
    """Return a text whose first `most` different glossary terms explain themselves on hover and on focus.

    `prefix` begins the ids of the tooltips, so that two texts never clash.
    """
    parts: list[str | html.Span] = []
    seen: set[str] = set()
    number, at = count(1), 0
    for found in WORDS.finditer(text):
        term = MARKED[found[1].lower()]
        if term in seen or len(seen) == most:
            continue
        seen.add(term)
        parts += [text[at : found.start()], explained(f"{prefix}-term-{next(number)}", found[1], glossary()[term])]
        at = found.end()
    return [part for part in (*parts, text[at:]) if part]


def explained(tip_id: str, word: str, meaning: str) -> html.Span:
    """Draw a word with its meaning: shown on hover and focus, kept while pointed at, closed by Escape (WCAG 1.4.13)."""
    tip = html.Span(f"{meaning[:1].upper()}{meaning[1:]}", role="tooltip", id=tip_id, className="term-tip")
    button = html.Button(word, type="button", className="term-word", **aria(describedby=tip_id))
    return html.Span([button, tip], className="term")
