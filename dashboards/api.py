"""`/api/v1`: the figures of the gate for programs (Excel, Power BI, notebooks), with a token and at a bounded rate.

The same requests and the same answers as on the pages: nothing but a ProtectedTable leaves here. Errors are problem
details (RFC 9457). What does not belong here: who holds a token (orchestration.release.access).
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, g, jsonify, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from dashboards.openapi import describe
from orchestration.errors import JoinedUpError
from orchestration.release import Gate, ProtectedTable, Refused, Request
from orchestration.release.access import Access, holder_of
from orchestration.release.files import as_parquet
from orchestration.release.ledger import Taken
from orchestration.settings import Settings

ROOT = "/api/v1"
PAGE_SIZE, LONGEST_PAGE = 1_000, 10_000
QUESTIONS = "120 per minute"
GUESSES = "20 per minute"
"""Answers without a valid token, by address: nobody tries tokens faster than that."""
FORMS = ("json", "csv", "parquet")
MIME = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
PROBLEM = "application/problem+json"
UNKNOWN = "Send `Authorization: Bearer <token>`; `joinedup token new` makes one. Yours may have ended or been revoked."
View = Callable[[], Response]


def add_api(server: Flask, gate: Gate, settings: Settings) -> None:
    """Serve the API. Figures need a token; its own description does not."""
    limiter = Limiter(key_func=_asker, app=server, storage_uri="memory://", headers_enabled=True)
    guesses = limiter.shared_limit(
        GUESSES, scope="guesses", key_func=get_remote_address, deduct_when=lambda answer: answer.status_code == 401
    )

    def with_token(view: View) -> View:
        @wraps(view)
        def checked() -> Response:
            found = _holder(settings)
            if found is None:
                return problem(401, "A token is needed", UNKNOWN)
            g.access = found
            return limited(view)

        return checked

    @limiter.limit(QUESTIONS, key_func=lambda: str(g.access.name))
    def limited(view: View) -> Response:
        try:
            return view()
        except Refused as refusal:
            coarser = _query(refusal.coarser) if refusal.coarser else None
            return problem(400, "Refused", refusal.reason, allowed=list(refusal.allowed), coarser=coarser)
        except JoinedUpError as error:
            return problem(503, "No figures can be served", str(error))

    @server.get(f"{ROOT}/openapi.json")
    @limiter.limit(QUESTIONS, key_func=get_remote_address)
    def openapi() -> Response:
        return jsonify(describe(root=ROOT, page_size=PAGE_SIZE, longest_page=LONGEST_PAGE))

    @server.get(f"{ROOT}/catalogue")
    @guesses
    @with_token
    def catalogue() -> Response:
        return jsonify(_catalogue(gate))

    @server.get(f"{ROOT}/figures")
    @guesses
    @with_token
    def figures() -> Response:
        asked = Request.parse(
            measure=request.args.get("measure", ""),
            by=request.args.getlist("by"),
            where=request.args.getlist("where"),
            period=request.args.get("period", "all"),
            policy=g.access.policy,
        )
        form = request.args.get("format", "json")
        if form not in FORMS:
            raise Refused("There is no such format.", allowed=FORMS)
        page, size = _whole("page", 1, 10**6), _whole("page_size", PAGE_SIZE, LONGEST_PAGE)
        taken: Taken = "seen" if form == "json" else "downloaded"
        table = gate.answer(asked, who=f"token {g.access.name}", role="program", taken=taken)
        return _page(table, page, size) if form == "json" else _file(table, form)

    @server.errorhandler(429)
    def too_many(error: Any) -> Response:
        return problem(429, "Too many questions", f"At most {error.description}: ask again later.")


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """Return an error as problem details, without what a person typed."""
    answer = jsonify(type="about:blank", title=title, status=status, detail=detail, **more)
    answer.status_code, answer.content_type = status, PROBLEM
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="joinedup"'
    return answer


def _holder(settings: Settings) -> Access | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return holder_of(settings, token.strip(), today=datetime.now(UTC).date()) if scheme.lower() == "bearer" else None


def _page(table: ProtectedTable, page: int, size: int) -> Response:
    rows = table.to_dicts()
    shown = rows[(page - 1) * size : page * size]
    pages = max(1, -(-len(rows) // size))
    for row in shown:
        row |= {f"{name}_label": table.label(name, str(row[name])) for name in table.columns[:-1]}
    return jsonify(
        request=table.request.canonical(),
        rows=shown,
        page=page,
        pages=pages,
        row_count=len(rows),
        next=f"{ROOT}/figures?{_query(table.request)}&page={page + 1}&page_size={size}" if page < pages else None,
        total=table.total,
        hidden_cells=table.hidden_cells,
        certificate=table.certificate.to_dict(),
    )


def _file(table: ProtectedTable, form: str) -> Response:
    content = table.to_csv(certificate=False).encode() if form == "csv" else as_parquet(table)
    return Response(content, content_type=MIME[form])


def _catalogue(gate: Gate) -> dict[str, Any]:
    known = gate.catalogue()
    return {
        "snapshot": known.snapshot_id,
        "data_to": known.data_to,
        "measures": [
            {
                "name": one.name, "label": one.label, "unit": one.unit, "definition": one.definition,
                "dimensions": one.dimensions, "levels": one.levels, "needs_one_of": one.relation,
            }
            for one in known.measures.values()
        ],
        "dimensions": [
            {
                "name": one.name, "label": one.label, "definition": one.definition,
                "values": [{"code": value.code, "label": value.label, "parent": value.parent} for value in one.values],
            }
            for one in known.dimensions.values()
        ],
        "periods": [{"code": one.code, "label": one.label, "level": one.level} for one in known.periods],
    }  # fmt: skip


def _whole(name: str, default: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise Refused(f"'{name}' is a whole number from 1 to {most:,}.")
    return int(text)


def _query(asked: Request) -> str:
    """Return a request as the query of an address; the policy is that of whoever asks."""
    parts = [("measure", asked.measure), *([("by", ",".join(asked.by))] if asked.by else [])]
    parts += [("where", f"{name}={','.join(values)}") for name, values in asked.where.items()]
    return urlencode([*parts, ("period", asked.period)])


def _asker() -> str:
    return str(g.access.name) if "access" in g else get_remote_address()
