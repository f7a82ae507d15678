"""`joinedup documents`: the documents of governance, written anew."""

from pathlib import Path
from typing import Annotated

import typer


def documents(
    out: Annotated[
        Path | None, typer.Option(help="folder to write to (default: reports/documents in the home)")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="article-30, dpia, agreements, privacy-notice or public-page (may be given several times)"),
    ] = None,
    red_team: Annotated[
        Path | None, typer.Option(help="red-team.json or its folder (default: reports/red-team.json in the home)")
    ] = None,
    *,
    pdf: Annotated[bool, typer.Option("--pdf/--no-pdf", help="write PDFs beside the pages")] = True,
) -> None:
    """Write the Article 30 record, DPIA pack, agreements for signature, privacy notice and public page."""
    from orchestration.console import console
    from orchestration.documents import write_documents
    from orchestration.settings import load_settings

    written = write_documents(load_settings(), out=out, only=only or (), red_team=red_team, with_pdf=pdf)
    console().print(f"Wrote {len(written)} files to {written[0].parent}.", highlight=False)
