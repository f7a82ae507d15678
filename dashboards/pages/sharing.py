"""Sharing: partners and agreements, what each permits, what ends when, and what is missing and why."""

from collections.abc import Mapping
from typing import Any

from dash import Dash, html

from dashboards.components.chart_frame import chart_frame
from dashboards.components.dates import day
from dashboards.components.notices import notice, tag
from dashboards.components.page import page, part
from dashboards.components.tables import plain_table
from dashboards.documents import document_links
from dashboards.figures.timeline import Span, timeline
from dashboards.findings import sharing as findings
from dashboards.pages import sharing_explorer as explorer
from dashboards.visit import Visit
from orchestration.area import Agreement

PATH, NAME, ICON, PAGE = "/sharing", "Sharing", "sharing", "sharing"
STATUS_WORDS = {
    "draft": "Draft",
    "in_review": "In review",
    "signed": "Signed",
    "suspended": "Suspended",
    "expired": "Expired",
    "ended": "Ended",
}
Row = Mapping[str, Any]


def register(app: Dash) -> None:
    """Let the explorer's choices write the URL."""
    explorer.register(app)


def layout(visit: Visit) -> html.Div:
    """Draw the page: dates and terms from the area pack, what is in the figures from the snapshot."""
    known = {str(row["agreement_id"]): row for row in visit.gate.agreements()}
    feeds = visit.gate.feeds()
    agreements = sorted(visit.area.agreements.values(), key=lambda agreement: agreement.expires_on)
    missing = [row for row in feeds if not row["permitted"]]
    in_force = sum(_counts(agreement, known, visit) for agreement in agreements)
    body: list[Any] = [
        _missing(missing),
        _timeline(visit, agreements, known),
        *part(
            "What each agreement permits",
            (
                "A data item that is not named here is not stored. When an "
                "agreement ends, its data leave the next snapshot."
            ),
        ),
        html.Div([_terms(visit, agreement, known, feeds) for agreement in agreements], className="card terms"),
        *part("Partners"),
        html.Section(_partners(feeds), className="card"),
        *explorer.parts(visit, path=PATH, page=PAGE),
        *part("Documents"),
        document_links([(agreement.id, agreement.title) for agreement in agreements]),
    ]
    lede = findings.lede(len(agreements), in_force, len(missing))
    return page(visit, path=PATH, heading="Who shares what, and until when?", lede=lede, body=body)


def _counts(agreement: Agreement, known: Mapping[str, Row], visit: Visit) -> bool:
    """Return whether an agreement is in force: as the snapshot has it, else by its own dates."""
    row = known.get(agreement.id)
    if row is not None:
        return bool(row["in_force"])
    return agreement.status == "signed" and agreement.starts_on <= visit.area.today <= agreement.expires_on


def _missing(missing: list[dict[str, object]]) -> html.Div:
    if not missing:
        return notice(
            "Nothing is missing for want of an agreement",
            html.P("Every feed that a partner sends is covered today."),
            tone="good",
        )
    items = [html.Li([html.B(str(row["title"])), f" from {row['partner_name']}: {row['reason']}."]) for row in missing]
    return notice(
        "Not in the figures, and why",
        html.Ul(items),
        html.P("Every page leaves these out, and every figure says so under “How this was made”."),
        tone="warn",
    )


def _timeline(visit: Visit, agreements: list[Agreement], known: Mapping[str, Row]) -> html.Figure:
    spans = []
    for agreement in agreements:
        is_current = _counts(agreement, known, visit)
        words = (
            f"until {day(agreement.expires_on)}"
            if is_current
            else f"{STATUS_WORDS[agreement.status].lower()}, not in force"
        )
        spans.append(Span(agreement.title, agreement.starts_on, agreement.expires_on, is_current, words))
    finding = findings.next_to_end(spans, visit.area.today)
    rows = [[s.label, "In force" if s.is_current else "Not in force", day(s.start), day(s.end)] for s in spans]
    return chart_frame(
        "sharing-timeline",
        finding=finding,
        subtitle=f"When each information-sharing agreement runs; today is {day(visit.area.today)}",
        figure=timeline(spans, today=visit.area.today, scheme=visit.scheme),
        alt=f"Timeline of {len(spans)} agreements. {finding}.",
        twin=plain_table("Agreements by date of ending", ["Agreement", "State", "From", "Until"], rows, texts=4),
        wide=True,
        least_width=620,
    )


def _terms(
    visit: Visit, agreement: Agreement, known: Mapping[str, Row], feeds: list[dict[str, object]]
) -> html.Details:
    is_current = _counts(agreement, known, visit)
    names = {org["id"]: org["name"] for org in visit.area.directory.organizations.select("id", "name").to_dicts()}
    titles = {str(row["feed"]): str(row["title"]) for row in feeds}
    basis = agreement.lawful_basis
    facts = [
        ("Agreement", f"{agreement.id}, version {agreement.version}"),
        (
            "Parties",
            ", ".join(
                f"{names.get(p.organization_id, p.organization_id)} ({_words(p.role)})" for p in agreement.parties
            ),
        ),
        ("For", ", ".join(_words(purpose) for purpose in agreement.purposes)),
        ("Lawful basis", "; ".join(text for text in (basis.article_6, basis.article_9, basis.schedule_1) if text)),
        ("Power", agreement.legal_power),
        ("Kept", f"{agreement.retention.default_months} months"),
        ("Review by", day(agreement.review_on)),
        (
            "Until",
            f"{day(agreement.expires_on)}, then data are {'removed' if agreement.on_expiry == 'remove' else 'kept'}",
        ),
    ]
    items = [
        html.Li([html.B(f"{titles.get(feed, _words(feed))}: "), ", ".join(_words(item) for item in permission.items)])
        for feed, permission in agreement.feeds.items()
    ]
    state = tag("In force", "good") if is_current else tag(f"{STATUS_WORDS[agreement.status]}, not in force", "bad")
    return html.Details(
        [
            html.Summary(
                [
                    html.Span(agreement.title, className="term-title"),
                    state,
                    html.Span(f"until {day(agreement.expires_on)}", className="term-end"),
                ]
            ),
            html.Div(
                html.Dl([part for term, text in facts for part in (html.Dt(term), html.Dd(text))]), className="cert"
            ),
            html.P("Data items permitted, by feed", className="k"),
            html.Ul(items, className="plain-list"),
        ]
    )


def _partners(feeds: list[dict[str, object]]) -> html.Div:
    rows = [
        [
            str(row["partner_name"]),
            str(row["title"]),
            str(row["agreement_id"]),
            tag("Shared", "good") if row["permitted"] else tag("Not shared", "bad"),
            day(row["newest_record_date"]),
        ]
        for row in feeds
    ]
    return plain_table(
        "Partners and their feeds", ["Partner", "Feed", "Agreement", "State", "Newest record"], rows, texts=5
    )


def _words(code: str) -> str:
    return code.replace("_", " ")
