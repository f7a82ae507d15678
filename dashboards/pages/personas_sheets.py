"""A persona as a sheet for the wall, A4 or A3: the journey as stages with protected figures, and room to write."""

from collections.abc import Callable, Sequence
from typing import Any

from dash import html

from dashboards.choices import Chosen
from dashboards.components.attributes import aria
from dashboards.components.chart_frame import source_line
from dashboards.figures.numbers import share_text
from dashboards.findings import personas as findings
from dashboards.findings.comparing import ranked, visible
from dashboards.pages.personas_cards import holders
from dashboards.reading import Pair, pairs
from dashboards.visit import Answer, Visit
from orchestration.release import ProtectedTable, Refused

MOST_ROWS = 4
BLANKS = ("What works here?", "What would we change first?", "Who has to agree?")
Persona = Any
Stage = tuple[str, str, str, tuple[str, ...], Callable[[ProtectedTable], Sequence[Pair]]]


def _largest(table: ProtectedTable) -> Sequence[Pair]:
    return ranked(pairs(table))


def _in_order(table: ProtectedTable) -> Sequence[Pair]:
    """Return the largest bands in the order of time, not of size."""
    found = pairs(table)
    largest = visible(ranked(found))[:MOST_ROWS]
    return [pair for pair in found if pair in largest]


def _moves(table: ProtectedTable) -> Sequence[Pair]:
    """Return moves between themes as 'from, then to'; comings and goings without another service are left out."""
    one, other = table.request.by
    ends = {"START", "END"}
    found = [
        (f"{table.label(one, str(a))}, then {table.label(other, str(b))}", value if isinstance(value, int) else None)
        for a, b, value in table.rows
        if not {str(a), str(b)} & ends
    ]
    return ranked(found)


STAGES: tuple[Stage, ...] = (
    ("First door", "where the data first see them", "entries", ("entry_theme",), _largest),
    ("The wait", "days from a referral to a start", "waits", ("wait",), _in_order),
    ("Meanwhile", "themes they use", "people", ("theme",), _largest),
    ("Handed on", "one theme, then the next", "transitions", ("from_theme", "to_theme"), _moves),
    ("How it ends", "as partners recorded it", "exits", ("exit_kind",), _largest),
    ("Back again", "days until the same service", "returns", ("return_band",), _in_order),
)


def sheet(visit: Visit, chosen: Chosen, persona: Persona, paper: str) -> html.Section:
    """Lay out one persona on one sheet of paper."""
    heading, where = f"personas-{persona.code}-sheet", {"persona": persona.code}
    people = visit.ask("people", period=chosen.period, where=where)
    everyone = visit.ask("people", period=chosen.period)
    total = _total(people)
    stages = [_stage(visit.ask(s[2], by=s[3], period=chosen.period, where=where), s, total) for s in STAGES]
    return html.Section(
        [
            html.Header(
                [
                    html.H2(persona.name, id=heading),
                    html.P(findings.size(total, _total(everyone), chosen.during), className="k-size"),
                ]
            ),
            html.Div([html.P(persona.situation), _voice(visit, persona)], className="sheet-story"),
            html.Ol(stages, className="stages", role="list"),
            html.Div([_struggles(visit, persona), _held(visit, persona)], className="sheet-half"),
            html.Div([html.Div(html.H3(title), className="blank") for title in BLANKS], className="blanks"),
            html.P(_source(people, persona), className="sheet-source"),
        ],
        className=f"sheet card {paper}",
        **aria(labelledby=heading),
    )  # fmt: skip


def _total(answer: Answer) -> int | None:
    return answer.total if isinstance(answer, ProtectedTable) else None


def _stage(answer: Answer, stage: Stage, total: int | None) -> html.Li:
    title, what, _, _, order = stage
    return html.Li([html.H3(title), html.P(what, className="sub"), _rows(answer, order, total)])


def _rows(answer: Answer, order: Callable[[ProtectedTable], Sequence[Pair]], total: int | None) -> html.Ul | html.P:
    """Write the largest published figures of a stage with their share of these people, or why there are none."""
    if isinstance(answer, Refused):
        return html.P(f"Not shown. {answer.reason}", className="none")
    shown = visible(order(answer))[:MOST_ROWS]
    if not shown:
        return html.P("Too rare to show.", className="none")
    return html.Ul(
        [html.Li([html.B(f"{value:,}"), f" {label} ", html.Span(share_text(value, total))]) for label, value in shown],
        role="list",
    )


def _voice(visit: Visit, persona: Persona) -> html.Blockquote | None:
    known = visit.area.personas.get(persona.code)
    return html.Blockquote(html.P(known[1].voice)) if known and known[1].voice else None


def _struggles(visit: Visit, persona: Persona) -> html.Div:
    known = visit.area.personas.get(persona.code)
    told = known[1].struggles if known else ()
    parts: list[Any] = [html.H3("Where it breaks"), html.Ul([html.Li(text) for text in told])] if told else []
    return html.Div([*parts, html.H3("What the data cannot say"), html.Ul([html.Li(lack) for lack in persona.lacks])])


def _held(visit: Visit, persona: Persona) -> html.Div:
    return html.Div([html.H3("Who holds what"), holders(visit, persona)])


def _source(people: Answer, persona: Persona) -> str:
    told = (
        f"{source_line(people)} Snapshot {people.certificate.snapshot_id}. "
        if isinstance(people, ProtectedTable)
        else ""
    )
    return f"{told}“{persona.name}” is a situation and a rule, not a person; a person can be in several rows."
