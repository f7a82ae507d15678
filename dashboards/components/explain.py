"""“Explain this chart”: how its kind is read, and what is counted. The words are the figures' own, from one place."""

from typing import Any

import plotly.graph_objects as go
from dash import html

from dashboards.figures.forms import HOW_TO_READ
from dashboards.glossary import with_terms
from orchestration.release import ProtectedTable
from orchestration.release.words import DIMENSIONS


def form_of(figure: go.Figure) -> str:
    """Return the kind of a chart, which its figure names; empty for one that names none."""
    meta = figure.layout.meta
    return str(meta.get("form", "")) if isinstance(meta, dict) else ""


def explanation(frame_id: str, figure: go.Figure, table: ProtectedTable | None) -> html.Div | None:
    """Return the panel of a chart; None where nothing is known to say."""
    read = HOW_TO_READ.get(form_of(figure), "")
    lines = [("How to read it", read)] if read else []
    if table is not None:
        lines += _counted(table)
    if not lines:
        return None
    parts: list[Any] = []
    for number, (heading, text) in enumerate(lines):
        parts += [html.Dt(heading), html.Dd(with_terms(f"{frame_id}-explain-{number}", text))]
    return html.Div(html.Dl(parts), className="cert explain")


def _counted(table: ProtectedTable) -> list[tuple[str, str]]:
    made = table.certificate
    divided = [f"{DIMENSIONS[name].label}: {DIMENSIONS[name].definition}" for name in table.request.by]
    lines = [
        ("What is counted", f"{made.definition} {made.counted}"),
        ("Not counted", made.not_counted),
        ("Divided by", " ".join(divided)),
        ("Mind", " ".join(made.notes)),
    ]
    if table.hidden_cells:
        lines.append(("Hidden figures", made.suppression))
    return [(heading, text) for heading, text in lines if text]
