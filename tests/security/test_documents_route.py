"""The route of the documents serves what was written for it, and nothing else of the home."""

from pathlib import Path

import pytest

from dashboards.app import create_app
from orchestration.documents import write_documents
from tests.support.snapshot import make_snapshot


def test_documents_are_served_with_the_page_policy_and_nothing_else_is(tmp_path: Path) -> None:
    settings = make_snapshot(tmp_path, people=600)
    client = create_app(settings).server.test_client()
    assert client.get("/documents/public-page.html").status_code == 404
    write_documents(settings, only=["public-page"])
    (settings.reports / "documents" / "notes.txt").write_text("not for readers")
    page, pdf = (client.get(f"/documents/public-page.{form}") for form in ("html", "pdf"))
    assert (page.status_code, page.mimetype, page.headers["Cache-Control"]) == (200, "text/html", "no-store")
    assert (pdf.status_code, pdf.mimetype, pdf.headers["Cache-Control"]) == (200, "application/pdf", "no-store")
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    for name in (
        "notes.txt",
        "../leadership.pdf",
        "..%2f..%2fstate%2faudit.key",
        "%2e%2e/x.html",
        ".html",
        "x" * 400 + ".html",
    ):
        answer = client.get(f"/documents/{name}")
        assert b"not for readers" not in answer.data
        assert b"PRIVATE KEY" not in answer.data
        if answer.status_code == 200:
            assert "_dash" in answer.get_data(as_text=True), name  # the app's own page for what it does not know


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_download_is_recorded_as_one(tmp_path: Path, form: str) -> None:
    from orchestration.audit import audit_of
    from orchestration.audit.reading import search

    settings = make_snapshot(tmp_path, people=600)
    client = create_app(settings).server.test_client()
    assert client.get(f"/download.{form}?measure=people&by=theme&period=Y2025").status_code == 200
    (record,) = search(audit_of(settings).folder, kinds=["release_downloaded"])
    assert (record["who"], record["policy"], record["outcome"]) == ("local mode", "dashboard", "answered")
    assert record["snapshot"].startswith("snapshot-")
