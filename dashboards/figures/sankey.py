"""Sankey of journeys, at most four steps, small flows folded into 'Other': beyond that a matrix reads better."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboards.figures.template import Scheme, colours, layout, translucent

MOST_NODES_A_STEP = 6
OTHER, OTHER_NAME = "other", "Other"
GAP = 0.055  # of the height, between two nodes of a step


@dataclass(frozen=True, slots=True)
class Flow:
    """People in theme `source` at step `step` and in `target` at the next; 'none' is no further step."""

    step: int
    source: str
    target: str
    people: int


def folded(flows: Sequence[Flow], *, keep: int = MOST_NODES_A_STEP) -> list[Flow]:
    """Fold all but the largest themes (over all steps, 'none' apart) into 'other', so that steps stay readable."""
    totals: dict[str, int] = {}
    for flow in flows:
        totals[flow.source] = totals.get(flow.source, 0) + flow.people
        if flow.target != "none":
            totals[flow.target] = totals.get(flow.target, 0) + flow.people
    kept = {*sorted(totals, key=lambda code: (-totals[code], code))[:keep], "none"}
    summed: dict[tuple[int, str, str], int] = {}
    for flow in flows:
        key = (flow.step, flow.source if flow.source in kept else OTHER, flow.target if flow.target in kept else OTHER)
        summed[key] = summed.get(key, 0) + flow.people
    return [Flow(*key, people) for key, people in summed.items()]


def sankey(flows: Sequence[Flow], names: Mapping[str, str], *, scheme: Scheme, height: int = 470) -> go.Figure:
    """Draw flows between steps; one colour a theme at every step, grey for the end of the journey."""
    palette = colours(scheme)
    codes = sorted({flow.source for flow in flows} | {flow.target for flow in flows} - {"none"})
    codes = [*[code for code in codes if code not in (OTHER, "none")], *[c for c in (OTHER,) if c in codes]]
    shade = {code: palette.categorical[place % len(palette.categorical)] for place, code in enumerate(codes)}
    shade |= {OTHER: palette.rest, "none": palette.faint}
    named = {**names, OTHER: OTHER_NAME, "none": "No further service"}
    nodes = sorted({(f.step, f.source) for f in flows} | {(f.step + 1, f.target) for f in flows})
    place = {node: index for index, node in enumerate(nodes)}
    across, down = _positions(nodes, flows)
    figure = go.Figure(
        go.Sankey(
            arrangement="fixed",
            textfont={"size": 13, "color": palette.ink, "shadow": _halo(palette.card)},
            node={
                "label": [named.get(code, code) for _, code in nodes],
                "color": [shade[code] for _, code in nodes],
                "x": across,
                "y": down,
                "pad": 22,
                "thickness": 14,
                "line": {"width": 0},
                "hovertemplate": "%{label}: %{value:,} people<extra></extra>",
            },
            link={
                "source": [place[(f.step, f.source)] for f in flows],
                "target": [place[(f.step + 1, f.target)] for f in flows],
                "value": [f.people for f in flows],
                "color": [translucent(shade[f.source], 0.34) for f in flows],
                "hovertemplate": "%{source.label} then %{target.label}: %{value:,} people<extra></extra>",
            },
        )
    )
    figure.update_layout(layout(scheme, height=height, form="flow"), margin={"l": 6, "r": 6, "t": 38, "b": 10})
    steps = sorted({step for step, _ in nodes})
    for step in steps:
        last = len(steps) - 1
        figure.add_annotation(
            x=(step - steps[0]) / last if last else 0,
            y=1,
            yshift=30,
            xref="paper",
            yref="paper",
            showarrow=False,
            text=f"<b>{_ordinal(step)} service</b>",
            font={"size": 13, "color": palette.muted},
            xanchor="left" if step == steps[0] else "right" if step == steps[-1] else "center",
        )
    return figure


def _positions(nodes: Sequence[tuple[int, str]], flows: Sequence[Flow]) -> tuple[list[float], list[float]]:
    """Return x and y (0-1, y of the middle) of every node: a column a step, largest first, the end of journeys last.

    Left to itself Plotly puts every end at the far right, as if it were the last step.
    """
    inward: dict[tuple[int, str], int] = {}
    outward: dict[tuple[int, str], int] = {}
    for flow in flows:
        outward[flow.step, flow.source] = outward.get((flow.step, flow.source), 0) + flow.people
        inward[flow.step + 1, flow.target] = inward.get((flow.step + 1, flow.target), 0) + flow.people
    size = {node: max(inward.get(node, 0), outward.get(node, 0)) for node in nodes}
    steps = sorted({step for step, _ in nodes})
    columns = {
        step: sorted((n for n in nodes if n[0] == step), key=lambda n: (n[1] == "none", n[1] == OTHER, -size[n]))
        for step in steps
    }
    tallest = max(sum(size[n] for n in column) / (1 - GAP * (len(column) - 1)) for column in columns.values())
    middle: dict[tuple[int, str], float] = {}
    for column in columns.values():
        used = sum(size[n] for n in column) / tallest + GAP * (len(column) - 1)
        top = max(1 - used, 0.0) / 2
        for node in column:
            middle[node] = top + size[node] / tallest / 2
            top += size[node] / tallest + GAP
    span = max(steps[-1] - steps[0], 1)
    inside = [min(max((step - steps[0]) / span, 0.001), 0.999) for step, _ in nodes]
    return inside, [min(max(middle[node], 0.001), 0.999) for node in nodes]


def _halo(colour: str) -> str:
    """Return a text shadow in the colour of the card, so that a flow behind a name does not strike it through."""
    return ", ".join(f"{x}px {y}px 2px {colour}" for x in (-1, 0, 1) for y in (-1, 0, 1))


def _ordinal(step: int) -> str:
    return {1: "First", 2: "Second", 3: "Third", 4: "Fourth"}.get(step, f"Step {step}")
