"""`/documents/<name>`: the documents of governance as they were last written; nothing is made here.

What belongs here: serving them and linking to them. What does not: what they say (orchestration.documents).
"""

import re
from collections.abc import Iterable

from dash import html
from flask import Flask, Response

from orchestration.settings import Settings

ROOT = "/documents"
MIME = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*\.(html|pdf)")
LINKS = (
    ("public-page", "What is held about residents, and what came of it"),
    ("privacy-notice", "Privacy notice"),
    ("article-30-record", "Record of processing activities (Article 30)"),
    ("dpia-pack", "Pack for the data protection impact assessment"),
)


def add_documents(server: Flask, settings: Settings) -> None:
    """Serve what is in reports/documents, and nothing else."""
    folder = settings.reports / "documents"

    @server.get(f"{ROOT}/<name>")
    def document(name: str) -> Response:
        if not NAME.fullmatch(name) or not (folder / name).is_file():
            text = "There is no such document here. `joinedup documents` writes them.\n"
            return Response(text, status=404, content_type="text/plain; charset=utf-8")
        content = (folder / name).read_bytes()  # small, and a file that is streamed stays open where it is compressed
        answer = Response(content, content_type=MIME[name.rpartition(".")[2]])
        answer.headers["Cache-Control"] = "no-store"
        return answer


def document_links(agreements: Iterable[tuple[str, str]]) -> html.Section:
    """Return the list of links: to each document, and to each agreement (id, title) for signature."""
    named = [*LINKS, *((f"agreement-{code}", f"For signature: {title}") for code, title in agreements)]
    items = [
        html.Li(
            [
                html.A(title, href=f"{ROOT}/{name}.html"),
                " (",
                html.A("PDF", href=f"{ROOT}/{name}.pdf", title=f"{title}, PDF"),
                ")",
            ]
        )
        for name, title in named
    ]
    return html.Section(html.Ul(items, className="plain-list"), className="card")
