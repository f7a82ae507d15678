"""A document as HTML: one file, whole by itself, nothing fetched, readable on a phone, with a keyboard and on paper."""

from html import escape
from importlib import resources

from orchestration.documents.model import Block, Document


def as_html(document: Document) -> str:
    """Return the page; every text is escaped here."""
    style = (resources.files("orchestration.documents") / "page.css").read_text(encoding="utf-8")
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en-GB">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(document.title)}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            f'<header><h1>{escape(document.title)}</h1><p class="lead">{escape(document.lead)}</p></header>',
            "<main>",
            *(_block(block) for block in document.blocks),
            "</main>",
            f"<footer><p>{escape(document.foot)}</p></footer>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _block(block: Block) -> str:
    if block["kind"] == "heading":
        return f"<h{block['level']}>{escape(block['text'])}</h{block['level']}>"
    if block["kind"] == "list":
        return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in block['items'])}</ul>"
    if block["kind"] == "notice":
        return f'<p class="notice">{escape(block["text"])}</p>'
    if block["kind"] == "drawing":
        svg = block["svg"].replace("<svg ", f'<svg role="img" aria-label="{escape(block["alternative"])}" ', 1)
        return f'<figure class="scroll" role="region" aria-label="Drawing" tabindex="0">{svg}</figure>'
    if block["kind"] == "table":
        return _table(block)
    return f"<p>{escape(block['text'])}</p>"


def _table(block: Block) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in block["head"])
    rows = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in rest)}</tr>'
        for first, *rest in block["rows"]
    )
    caption = escape(block["caption"])
    return (
        f'<div class="scroll" role="region" aria-label="{caption}" tabindex="0"><table><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
