"""A document as PDF/UA-1, set by Typst, which refuses to write what would break that standard."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from orchestration.documents.model import Document

TEMPLATE = Path(__file__).with_name("document.typ")
FONT = "Inter"


def as_pdf(document: Document, *, author: str, at: datetime) -> bytes:
    """Return the PDF; the same content at the same time gives the same bytes."""
    import fontpkg  # noqa: PLC0415 - only who writes PDFs needs either
    import typst  # noqa: PLC0415

    return bytes(
        typst.compile(
            TEMPLATE,
            sys_inputs={"document": json.dumps({**asdict(document), "author": author}, ensure_ascii=False)},
            font_paths=[fontpkg.path(FONT).parent],
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
            timestamp=at.replace(microsecond=0),
        )
    )
