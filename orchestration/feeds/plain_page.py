"""Plain HTML pages for partners: whole by themselves, no script, nothing fetched from anywhere.

What belongs here: the frame of a page, tables and lists of facts. What does not: what a page says (receipt_page,
receipt_index). Every text is escaped where it is put in; cells of a table come ready, as they may hold links.
"""

from collections.abc import Mapping, Sequence
from html import escape
from importlib import resources

Facts = Mapping[str, str | Sequence[str]]
NUMBER, TOTAL = ' class="number"', ' class="total"'


def html_page(title: str, lines: Sequence[str]) -> str:
    """Return a page; `title` is escaped, `lines` are HTML."""
    style = (resources.files("orchestration.feeds") / "receipt_page.css").read_text(encoding="utf-8")
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en-GB">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            "<main>",
            *lines,
            "</main>",
            "<footer><p>Made by Joined Up. This page holds counts, row numbers and column names, and no value of any "
            "record.</p></footer>",
            "</body>",
            "</html>",
            "",
        ]
    )


def facts_list(facts: Facts) -> str:
    return f'<dl class="facts">{"".join(f"<dt>{escape(k)}</dt><dd>{_fact(v)}</dd>" for k, v in facts.items())}</dl>'


def _fact(value: str | Sequence[str]) -> str:
    if isinstance(value, str):
        return escape(value)
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in value)}</ul>"


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, has_total: bool = False) -> str:
    """Return a table that scrolls by itself where it is wider than the screen, by keyboard too.

    The first column holds text, the others figures. `rows` are HTML; the rest is escaped here.
    """
    top = "".join(
        f'<th scope="col"{"" if place == 0 else NUMBER}>{escape(name)}</th>' for place, name in enumerate(head)
    )
    body = "\n".join(
        f'<tr{TOTAL if has_total and row is rows[-1] else ""}><th scope="row">{row[0]}</th>'
        + "".join(f"<td{NUMBER}>{cell}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll" role="region" aria-label="{escape(caption)}" tabindex="0">\n<table>\n'
        f"<caption>{escape(caption)}</caption>\n<thead><tr>{top}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n</div>"
    )
