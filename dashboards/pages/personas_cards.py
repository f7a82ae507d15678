"""One persona as a sheet: situation and voice, how many people, their doors, who holds what, what is not known."""

from typing import Any

from dash import html

from dashboards.choices import Chosen
from dashboards.components.attributes import aria
from dashboards.components.chart_frame import chart_frame, framed
from dashboards.components.notices import tag
from dashboards.components.page import figures
from dashboards.components.tables import data_table, plain_table
from dashboards.components.voices import voices_list
from dashboards.figures.bars import ranked_bars
from dashboards.figures.numbers import listed_values, share_text
from dashboards.findings import personas as findings
from dashboards.findings.comparing import hidden_words, leaders, ranked, visible
from dashboards.reading import by_code, pairs
from dashboards.visit import Visit
from orchestration.release import Catalogue, ProtectedTable

Persona = Any
MANY = ("1", "2", "3", "4+")


def card(visit: Visit, chosen: Chosen, persona: Persona, reader: str) -> html.Section:
    """Lay out one persona."""
    heading = f"personas-{persona.code}-name"
    everyone = visit.ask("people", period=chosen.period)
    people = visit.ask("people", period=chosen.period, where={"persona": persona.code})
    total = people.total if isinstance(people, ProtectedTable) else None
    whole = everyone.total if isinstance(everyone, ProtectedTable) else None
    themes = visit.ask("people", by=("theme",), period=chosen.period, where={"persona": persona.code})
    return html.Section(
        [
            html.H2(persona.name, id=heading),
            html.P(persona.situation, className="situation"),
            _story(visit, persona),
            _voices(visit, persona),
            html.P(findings.size(total, whole, chosen.during), className="k-size"),
            html.P(_seen(visit.catalogue, reader, themes, total)),
            _doors(visit, chosen, persona, total),
            _journey(visit, chosen, persona),
            html.H3("Who holds what, and may it be shared?"),
            holders(visit, persona),
            html.H3("What the data cannot say"),
            html.Ul([html.Li(lack) for lack in persona.lacks]),
        ],
        className="card persona",
        **aria(labelledby=heading),
    )


def _story(visit: Visit, persona: Persona) -> html.Div:
    """Return the struggles and the voice, which the area pack tells and no figure says."""
    known = visit.area.personas.get(persona.code)
    if known is None:
        return html.Div()
    _, told = known
    voice = html.Blockquote(html.P(told.voice)) if told.voice else None
    return html.Div([voice, html.Ul([html.Li(text) for text in told.struggles])], className="story")


def _voices(visit: Visit, persona: Persona) -> html.Section | None:
    """Return what people in this situation told, with their consent."""
    told = [one for one in visit.voices if one.persona == persona.code]
    steps = {theme.code: theme.name for theme in visit.catalogue.themes}
    return voices_list(told, steps, heading=html.H3("What people told"))


def _seen(catalogue: Catalogue, reader: str, themes: Any, total: int | None) -> str:
    code = findings.THEME_OF.get(reader)
    name = next((theme.name for theme in catalogue.themes if theme.code == code), None)
    met = by_code(themes).get(str(code)) if isinstance(themes, ProtectedTable) else None
    return findings.reader(reader, name, met, total)


def _doors(visit: Visit, chosen: Chosen, persona: Persona, total: int | None) -> html.Figure:
    frame_id = f"personas-{persona.code}"
    answer = visit.ask("people", by=("theme",), period=chosen.period, where={"persona": persona.code})
    used = visit.ask("people", by=("services_used",), period=chosen.period, where={"persona": persona.code})

    def draw(table: ProtectedTable) -> html.Figure:
        found = ranked(pairs(table))
        finding = findings.doors(found, total)
        labels, values = [pair[0] for pair in found], [pair[1] for pair in found]
        counts = by_code(used) if isinstance(used, ProtectedTable) else {}
        many = findings.at_once([(code, counts.get(code)) for code in MANY], total)
        return chart_frame(
            frame_id,
            finding=finding,
            subtitle=f"People of this persona by theme used, {chosen.during}. {many}.",
            figure=ranked_bars(labels, values, scheme=visit.scheme, unit="people"),
            alt=f"Bar chart. {finding}. {listed_values(found)}",
            twin=data_table(
                "Themes used by people of this persona",
                ["Theme", "People", "Share"],
                [[label, value, share_text(value, total)] for label, value in found],
            ),
            table=table,
            note="a theme that nearly all of them use, because the rule asks for it, is hidden like one that few use."
            + hidden_words(values, "theme"),
            wide=True,
        )

    return framed(visit, frame_id, "What they use", answer, draw)


def _journey(visit: Visit, chosen: Chosen, persona: Persona) -> html.Div | None:
    """Draw where these people came in and how long they waited, where the gate grants it."""
    asked = (
        ("entries", "entry_theme", "First doors", "the theme they used first in the data"),
        ("waits", "wait", "Waits", "days from a referral to a start, or why there was none"),
    )
    drawn = []
    for measure, by, title, what in asked:
        answer = visit.ask(measure, by=(by,), period=chosen.period, where={"persona": persona.code})
        if isinstance(answer, ProtectedTable):
            drawn.append(_bars(visit, answer, f"personas-{persona.code}-{measure}", title, f"{what}, {chosen.during}"))
    return figures(drawn) if drawn else None


def _bars(visit: Visit, table: ProtectedTable, frame_id: str, title: str, what: str) -> html.Figure:
    found = pairs(table) if table.request.by == ("wait",) else ranked(pairs(table))
    labels, values = [pair[0] for pair in found], [pair[1] for pair in found]
    first = leaders(visible(ranked(found)))
    finding = f"{title}: {findings.most_often(first)}"
    return chart_frame(
        frame_id,
        finding=finding,
        subtitle=f"People of this persona by {what}",
        figure=ranked_bars(labels, values, scheme=visit.scheme, unit="people", highlight=[row[0] for row in first]),
        alt=f"Bar chart. {finding}. {listed_values(found)}",
        twin=data_table(title, [title, "People"], found),
        table=table,
        note=hidden_words(values, "figure").strip() or None,
    )


def holders(visit: Visit, persona: Persona) -> html.Div:
    """Put the services of the story against the partner that holds their records and the state of its sharing."""
    known = visit.area.personas.get(persona.code)
    services = {row["id"]: row for row in visit.area.directory.services.to_dicts()}
    names = {row["id"]: row["name"] for row in visit.area.directory.organizations.to_dicts()}
    sharing = {str(row["partner_name"]): bool(row["permitted"]) for row in visit.gate.feeds()}
    rows = []
    for code in known[1].services if known else ():
        service = services.get(code)
        if service is not None:
            partner = str(names.get(service["organization_id"], service["organization_id"]))
            state = {True: tag("Shared", "good"), False: tag("Not shared", "bad"), None: tag("No feed", "plain")}
            rows.append([service["name"], partner, service.get("wait_time") or "not said", state[sharing.get(partner)]])
    return plain_table(
        f"Services in the story of {persona.name}",
        ["Service", "Held by", "Wait as advertised", "Records"],
        rows,
        texts=4,
    )


def sizes(visit: Visit, chosen: Chosen, personas: list[Persona], kind: str) -> html.Figure:
    """Rank personas (or lenses) by the people who fit them."""
    frame_id = f"personas-{kind}"
    answer = visit.ask("people", by=("persona",), period=chosen.period)

    def draw(table: ProtectedTable) -> html.Figure:
        counts = by_code(table)
        found = ranked([(persona.name, counts.get(persona.code)) for persona in personas])
        labels, values = [pair[0] for pair in found], [pair[1] for pair in found]
        shown = [pair for pair in found if pair[1] is not None]
        finding = f"{shown[0][0]}: {shown[0][1]:,} people" if shown else f"Too few people fit these {kind} to be shown"
        return chart_frame(
            frame_id,
            finding=finding,
            subtitle=f"People by {'situation' if kind == 'personas' else 'policy lens'}, {chosen.during}",
            figure=ranked_bars(labels, values, scheme=visit.scheme, unit="people", highlight=labels[:1]),
            alt=f"Bar chart. {finding}. {listed_values(found)}",
            twin=data_table(
                "People who fit",
                ["Persona" if kind == "personas" else "Lens", "People", "Share of service users"],
                [[label, value, share_text(value, table.total)] for label, value in found],
            ),
            table=table,
            note="rules are in the area pack; a changed rule begins a new trend." + hidden_words(values, "figure"),
        )

    return framed(visit, frame_id, "People who fit", answer, draw)
