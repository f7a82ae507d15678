"""Decisions: what was decided on these figures, what is due for review, and each measure then and now."""

from typing import Any

from dash import Dash, dcc, html

from dashboards.components.dates import day
from dashboards.components.notices import tag
from dashboards.components.page import page, part
from dashboards.components.tables import data_table, plain_table
from dashboards.findings import decisions as findings
from dashboards.pages.decisions_form import new_decision
from dashboards.visit import Visit
from orchestration.state.decisions import Decision, pack_decisions, read_decisions
from orchestration.state.reviews import Comparison, compare_decision

PATH, NAME, ICON, PAGE = "/decisions", "Decisions", "decisions", "decisions"
IS_PERSONAL = True
"""Drawn for each visit: the log changes without a snapshot, and the form is for stated roles and one session."""


def register(app: Dash) -> None:
    """This page has no callbacks: its form is posted to a route of its own."""


def layout(visit: Visit) -> html.Div:
    """Draw the page of one URL; `decision` chooses the one that is told in full."""
    owners = {row["id"]: str(row["name"]) for row in visit.area.directory.organizations.to_dicts()}
    kept = read_decisions(visit.store) if visit.store is not None else []
    found = sorted(
        [*kept, *pack_decisions(visit.area.decisions.to_dicts())], key=lambda one: one.decided_on, reverse=True
    )
    today = visit.area.today
    due = [one for one in found if one.is_due(today)]
    chosen = next((one for one in found if one.decision_id == visit.query.get("decision")), None)
    body: list[Any] = [
        *(_told(visit, chosen, owners) if chosen else []),
        *part("Due for review", "The day of the review has come and nobody has written down what was found."),
        _listed(visit, due, owners, "Decisions whose review is due") if due else html.P("Nothing is due."),
        *part("All decisions", "Newest first. Those of the area pack are kept in its decisions.csv."),
        _listed(visit, found, owners, "All decisions") if found else html.P("Nothing has been recorded yet."),
        *new_decision(visit),
    ]
    return page(
        visit, path=PATH, heading="What was decided, and what came of it?", lede=findings.lede(found, today), body=body
    )


def _listed(visit: Visit, found: list[Decision], owners: dict[str, str], caption: str) -> html.Div:
    rows = []
    for one in found:
        words, tone = findings.state(one, visit.area.today)
        link = dcc.Link(one.title, href=f"{PATH}?decision={one.decision_id}")
        review = day(one.review_on) if one.review_on else "not planned"
        rows.append([link, day(one.decided_on), owners.get(one.owner, one.owner), review, tag(words, tone)])
    return plain_table(caption, ["Decision", "Decided on", "Owner", "Review", "State"], rows, texts=5)


def _told(visit: Visit, decision: Decision, owners: dict[str, str]) -> list[Any]:
    facts = [
        ("Question", decision.question),
        ("Decision", decision.decision),
        ("Owner", owners.get(decision.owner, decision.owner)),
        ("Decided on", day(decision.decided_on)),
        ("Expected change", decision.expected_change),
        ("Review", day(decision.review_on) if decision.review_on else "not planned"),
        ("Review found", decision.review_found or "nothing is written down yet"),
    ]
    listed = html.Dl([item for name, text in facts for item in (html.Dt(name), html.Dd(text))], className="facts")
    head = html.Section([html.H2(decision.title), listed], className="card")
    if not decision.views:
        return [head, html.P("No view was saved with this decision, so there is nothing to compare.")]
    comparisons = compare_decision(visit.gate, decision, who="page")
    return [
        head,
        *part("Then and now", "Both from the release gate, protected. Why a figure moved they cannot say."),
        *[_compared(item) for item in comparisons],
    ]  # fmt: skip


def _compared(found: Comparison) -> html.Section:
    caption = f"{found.measure}: {found.then_period} (then) and {found.now_period} (now)"
    rows = [[line.label, line.words, line.then, line.now] for line in found.lines]
    table = data_table(caption, ["Figure", "Difference", "Then", "Now"], rows, texts=2) if rows else html.H3(caption)
    source = html.P(
        [
            f"Saved from {found.view.snapshot_id}; now {found.now_snapshot}. ",
            html.A("This view as CSV", href=found.view.address),
        ],
        className="part-note",
    )
    told = [html.P(text) for text in (found.verdict, found.note) if text]
    return html.Section([table, *told, source], className="card")
