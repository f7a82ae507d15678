"""The form that records a decision: shown to roles that may, posted with a CSRF token to a route of its own."""

from typing import Any

import dash_mantine_components as dmc
import flask
from dash import dcc, html
from flask_wtf.csrf import generate_csrf

from dashboards.access.door import visitor
from dashboards.access.table import RECORDERS
from dashboards.components.page import part
from dashboards.visit import Visit

ROUTE = "/decisions/new"
TEXTS = (
    ("title", "Title", "A few words"),
    ("question", "Question", "What was asked"),
    ("decision", "Decision", "What was decided"),
    ("owner", "Owner", "An organisation or a role, never a person's name"),
    ("expected_change", "Expected change", "What should be different at the review"),
)
DAYS = (("decided_on", "Decided on"), ("review_on", "Review on"))
NOT_SAID = {"value": "", "label": "Not said"}
WAYS = (NOT_SAID, *({"value": way, "label": way.capitalize()} for way in ("up", "down", "level")))


def may_record() -> bool:
    """Whether who asks may record a decision."""
    person = visitor()
    return person is not None and bool(person.roles & RECORDERS)


def new_decision(visit: Visit) -> list[Any]:
    """Draw the form; nothing for roles that may not record, and nothing outside a request."""
    if visit.store is None or not flask.has_request_context() or not may_record():
        return []
    fields: list[Any] = [
        dcc.Input(type="hidden", name="csrf_token", value=generate_csrf(), id="decisions-csrf-input"),
        *[
            dmc.Textarea(
                id=f"decisions-{name.replace('_', '-')}-input", name=name, label=label, description=what, required=True,
                autosize=True, minRows=1,
            )
            for name, label, what in TEXTS
        ],
        dmc.Select(
            id="decisions-direction-input",
            name="expected_direction",
            label="How the first chart's figure should move",
            data=list(WAYS),
            value="",
            allowDeselect=False,
            comboboxProps={"shadow": "md"},
        ),
        *[
            dmc.TextInput(
                id=f"decisions-{name.replace('_', '-')}-input", name=name, label=label,
                description="Year-month-day, as 2026-05-31", required=True,
            )
            for name, label in DAYS
        ],
        dmc.Textarea(
            id="decisions-views-input", name="views", label="Charts that it rests on", required=True, minRows=2,
            autosize=True, value=visit.query.get("view", ""),
            description="One address a line: copy it from the link 'Download (CSV)' under a chart.",
        ),
        html.Button("Record the decision", id="decisions-record-button", type="submit"),
    ]  # fmt: skip
    form = html.Form(fields, action=ROUTE, method="POST", className="decision-form")
    told = "Every text is looked through for names, numbers and addresses of people, and refused if it has any."
    return [*part("Record a decision", told), html.Section(form, className="card no-print")]
