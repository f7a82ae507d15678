"""`/download.csv` and `/download.json`: one release of the gate as a file. Nothing but a ProtectedTable leaves here."""

from dataclasses import replace

from flask import Flask, Response, request

from dashboards.access.door import reader
from orchestration.errors import JoinedUpError
from orchestration.release import Gate, Refused, Request

MIME = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def add_downloads(server: Flask, gate: Gate) -> None:
    """Serve downloads: parameters measure, by (comma list), where (dimension=v1,v2, repeated) and period.

    A request that the gate refuses, or that is not in its grammar, gets 400 with the reason as text.
    """

    @server.get("/download.<form>")
    def download(form: str) -> Response:
        if form not in MIME:
            return _plain("Ask for /download.csv or /download.json.", 404)
        try:
            asked = Request.parse(
                measure=request.args.get("measure", ""),
                by=request.args.getlist("by"),
                where=request.args.getlist("where"),
                period=request.args.get("period", "all"),
            )
            who = reader()
            use = replace(gate.use, audience=who.audience) if who.audience else None
            table = gate.answer(asked, who=who.who, role=who.role, taken="downloaded", use=use)
        except Refused as refusal:
            return _plain(str(refusal), 400)
        except JoinedUpError as error:
            return _plain(str(error), 503)
        text = table.to_csv() if form == "csv" else table.to_json()
        response = Response(text, content_type=MIME[form])
        response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(asked)}.{form}"'
        return response


def _file_name(asked: Request) -> str:
    """Return a file name of letters, digits, dots and hyphens that says what the file holds."""
    parts = [asked.measure, *asked.by, asked.period]
    return "-".join("".join(c if c.isascii() and c.isalnum() else "-" for c in part) for part in parts)


def _plain(text: str, status: int) -> Response:
    return Response(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
