"""The charts of 'Journeys'."""

from dash import html

from dashboards.choices import Chosen
from dashboards.components.chart_frame import chart_frame, empty_frame, framed
from dashboards.components.tables import data_table
from dashboards.figures.bars import ranked_bars
from dashboards.figures.matrix import matrix
from dashboards.figures.numbers import HIDDEN, share, share_text
from dashboards.figures.sankey import Flow, folded, sankey
from dashboards.findings import journeys as findings
from dashboards.findings.comparing import ranked, visible
from dashboards.reading import by_two_codes, pairs
from dashboards.visit import Visit
from orchestration.release import ProtectedTable

MOST_BARS = 10
OUTSIDE = ("START", "END", "none", "other")


def entries(visit: Visit, chosen: Chosen, level: str) -> html.Figure:
    """Rank the first themes or services."""
    frame_id = f"journeys-entry-{level}"
    answer = visit.ask("entries", by=(f"entry_{level}",), period=chosen.period, where=chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        every = ranked(pairs(table))
        found = visible(every)[:MOST_BARS]
        finding = findings.entries(every, table.total, noun=level)
        top = [label for label, _ in found[:1]]
        return chart_frame(
            frame_id,
            finding=finding,
            subtitle=f"People by the first {level} they used in the data, journeys that began in {chosen.during}",
            figure=ranked_bars(
                [p[0] for p in found], [p[1] for p in found], scheme=visit.scheme, unit="people", highlight=top
            ),
            alt=f"Bar chart of first {level}s. {finding}. {', '.join(f'{n} {v:,}' for n, v in found[:8])}.",
            twin=data_table(
                f"First {level}",
                [level.title(), "People", "Share"],
                [[n, v, share_text(v, table.total)] for n, v in every],
            ),
            table=table,
            note=findings.left_out(every, len(found), level),
        )

    return framed(visit, frame_id, f"First {level}", answer, draw)


def moves(visit: Visit, chosen: Chosen) -> html.Figure:
    """Draw what people turn to next, as shares of the moves out of each theme that can be shown."""
    answer = visit.ask("transitions", by=("from_theme", "to_theme"), period=chosen.period, where=chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        cells = by_two_codes(table)
        size = _moving_on(visit, chosen)
        rows = sorted(size, key=lambda code: (-size[code], code))
        columns = [*rows, "END"]
        name = {code: table.label("to_theme", code) for code in columns}
        found = [
            (name[a], name[b], people, size[a])
            for a in rows
            for b in columns
            if b not in ("END", a) and (people := cells.get((a, b))) is not None
        ]
        finding = findings.moves(found)
        shares = [[share(cells.get((a, b)), size[a]) for b in columns] for a in rows]
        told = [[_move_words(name[a], name[b], cells.get((a, b)), size[a]) for b in columns] for a in rows]
        listed = sorted(
            ((a, b) for a, b in cells if a in rows and b in columns and cells[a, b]), key=lambda key: -(cells[key] or 0)
        )
        return chart_frame(
            "journeys-moves",
            finding=finding,
            subtitle=(
                "Of people whose use of the theme in the row ended or was "
                f"followed by another, the share for each next step, {chosen.during}"
            ),
            figure=matrix(
                [f"{name[c]} ({size[c]:,})" for c in rows],
                [name[c] for c in columns],
                shares,
                told,
                scheme=visit.scheme,
            ),
            alt=f"Matrix of moves between themes. {finding}.",
            twin=data_table(
                "Moves, commonest first",
                ["From", "To", "People", "Share of the row"],
                [[name[a], name[b], cells[a, b], share_text(cells[a, b], size[a])] for a, b in listed],
                texts=2,
            ),
            table=table,
            note=(
                f"a dot is {HIDDEN}. The diagonal holds moves between services "
                "of one theme. A person may move on more than once, so a row can pass 100%. Journeys "
                "still open at the end of the data have no next step yet and are left out."
            ),
            wide=True,
            least_width=200 + 70 * len(columns),
        )

    return framed(visit, "journeys-moves", "Moves between themes", answer, draw)


def paths(visit: Visit, chosen: Chosen) -> html.Figure:
    """Draw the Sankey of up to four steps; it cannot be cut by group, and says so."""
    answer = visit.ask("journey_steps", by=("step", "from_theme", "to_theme"), period=chosen.period)

    def draw(table: ProtectedTable) -> html.Figure:
        flows = [
            Flow(int(str(step)), str(source), str(target), people)
            for step, source, target, people in table.rows
            if isinstance(people, int)
        ]
        if not flows:
            return empty_frame(
                "journeys-paths",
                finding="No path has enough people to be shown",
                body=html.P("Choose a longer period."),
            )
        names = dict(table.labels["from_theme"]) | dict(table.labels["to_theme"])
        finding = findings.steps(flows, names, table.total)
        rows = [
            [names.get(f.source, f.source), names.get(f.target, f.target), f"Step {f.step}", f.people]
            for f in sorted(flows, key=lambda f: (f.step, -f.people))
        ]
        everyone = " It shows everyone: paths cannot be cut by group." if chosen.where else ""
        return chart_frame(
            "journeys-paths",
            finding=finding,
            subtitle=f"Themes in the order people used them, journeys that began in {chosen.during}",
            figure=sankey(folded(flows), names, scheme=visit.scheme),
            alt=f"Flow diagram of up to four steps. {finding}.",
            twin=data_table("Steps of journeys", ["From", "To", "Step", "People"], rows, texts=3),
            table=table,
            note=(
                "smaller themes are drawn together as Other; the table has "
                f"them apart. Steps too rare to show are left out.{everyone}"
            ),
            wide=True,
            least_width=760,
        )

    return framed(visit, "journeys-paths", "Paths of up to four steps", answer, draw)


def _moving_on(visit: Visit, chosen: Chosen) -> dict[str, int]:
    """Return for each theme the people who moved on from it, wherever to; themes with too few are left out."""
    size: dict[str, int] = {}
    for theme in visit.catalogue.themes:
        where = {**chosen.where, "from_theme": theme.code}
        answer = visit.ask("transitions", by=("to_theme",), period=chosen.period, where=where)
        if isinstance(answer, ProtectedTable) and answer.total:
            size[theme.code] = answer.total
    return size


def _move_words(source: str, target: str, people: int | None, leaving: int) -> str:
    if people is None:
        return f"{source} to {target}: {HIDDEN}"
    return f"{source} to {target}<br>{share_text(people, leaving)} of people moving on ({people:,} of {leaving:,})"
