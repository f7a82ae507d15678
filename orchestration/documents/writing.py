"""Writing the documents: which there are, into which files, each swapped in whole."""

from collections.abc import Callable, Sequence
from pathlib import Path

from orchestration.audit import audit_of
from orchestration.audit.log import account
from orchestration.documents.article_30 import article_30
from orchestration.documents.basis import Basis, gather
from orchestration.documents.dpia import dpia
from orchestration.documents.for_residents import privacy_notice, public_page
from orchestration.documents.model import Document
from orchestration.documents.page import as_html
from orchestration.documents.pdf import as_pdf
from orchestration.documents.schedule import schedule
from orchestration.errors import ConfigurationError, HomeError
from orchestration.settings import Settings

FOLDER = "documents"
KINDS: dict[str, Callable[[Basis], list[Document]]] = {
    "article-30": lambda basis: [article_30(basis)],
    "dpia": lambda basis: [dpia(basis)],
    "agreements": lambda basis: [schedule(basis, one) for one in basis.agreements()],
    "privacy-notice": lambda basis: [privacy_notice(basis)],
    "public-page": lambda basis: [public_page(basis)],
}


def write_documents(
    settings: Settings,
    *,
    out: Path | None = None,
    only: Sequence[str] = (),
    red_team: Path | None = None,
    with_pdf: bool = True,
) -> list[Path]:
    """Write the documents, all or those named, and return their files. Old ones are replaced; others are left alone.

    Raises ConfigurationError for a kind there is not, HomeError where the folder cannot be written.
    """
    if unknown := sorted(set(only) - set(KINDS)):
        raise ConfigurationError(f"There is no document '{unknown[0]}'. There are: {', '.join(KINDS)}.")
    basis, folder = gather(settings, red_team=red_team), out or settings.reports / FOLDER
    written = []
    for kind in only or KINDS:
        for document in KINDS[kind](basis):
            written.append(_write(folder / f"{document.name}.html", as_html(document).encode()))
            if with_pdf:
                pdf = as_pdf(document, author=f"Joined Up, {basis.area.name}", at=basis.at)
                written.append(_write(folder / f"{document.name}.pdf", pdf))
    names = [path.name for path in written]
    audit_of(settings).record("documents", who=account(), written=names, snapshot=basis.snapshot_id)
    return written


def _write(path: Path, content: bytes) -> Path:
    aside = path.with_name(f".{path.name}.aside")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(content)
        aside.replace(path)
    except OSError as error:
        raise HomeError(f"Cannot write {path} ({error.strerror}): give another folder with --out.") from error
    return path
