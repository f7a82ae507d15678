"""Compare: two populations side by side, in what they use, how many services, and how long they wait."""

from typing import Any

from dash import Dash, html

from dashboards.choices import Chosen, label_words, read_choices, whole_period_filter
from dashboards.components.chart_frame import chart_frame, empty_frame
from dashboards.components.filters import Filter, filter_bar, register_filters
from dashboards.components.notices import refusal
from dashboards.components.page import figures, page
from dashboards.components.tables import data_table
from dashboards.figures.paired import paired
from dashboards.figures.template import colours
from dashboards.findings import cohorts as findings
from dashboards.findings.cohorts import Pair
from dashboards.findings.comparing import hidden_words
from dashboards.reading import by_code
from dashboards.visit import ANY, Visit
from orchestration.release import Catalogue, ProtectedTable, Refused

PATH, NAME, ICON, PAGE = "/cohorts", "Compare", "cohorts", "cohorts"
FILTERS = ("period", "one", "other")
GROUPS = ("persona", "theme", "sex", "age_group", "deprivation")
CHARTS = (
    ("people", "theme", "What they use", "share who used each theme"),
    ("people", "services_used", "How many services", "share by number of services used"),
    ("waits", "wait", "Waits", "people by wait, as a share of all of them"),
)


def register(app: Dash) -> None:
    """Let the filters write the URL."""
    register_filters(app, PAGE, FILTERS)


def layout(visit: Visit) -> html.Div:
    """Draw the page of one URL."""
    options = _populations(visit.catalogue)
    known = [item["value"] for group in options for item in group.get("items", [])]
    period = whole_period_filter(visit.catalogue)
    one = Filter("one", "Compare", options, known[0] if known else ANY)
    other = Filter("other", "With", options, ANY)
    chosen = read_choices(visit, [period])
    wheres = tuple(_where(item.chosen(visit.query)) for item in (one, other))
    names = (_name(visit.catalogue, wheres[0]), _name(visit.catalogue, wheres[1]))
    sizes = (_size(visit, chosen, wheres[0]), _size(visit, chosen, wheres[1]))
    said = f"Showing {names[0]} beside {names[1]}, {chosen.during}."
    body: list[Any] = [
        filter_bar(PAGE, [period, one, other], visit.query, path=PATH, said=said),
        figures([_chart(visit, chosen, wheres, names, chart) for chart in CHARTS]),
    ]
    return page(
        visit,
        path=PATH,
        heading="How do two groups differ?",
        lede=findings.lede(names, sizes, chosen.during),
        body=body,
    )


def _chart(
    visit: Visit,
    chosen: Chosen,
    wheres: tuple[dict[str, str], ...],
    names: tuple[str, str],
    chart: tuple[str, str, str, str],
) -> html.Figure:
    measure, by, title, what = chart
    frame_id = f"{PAGE}-{by}".replace("_", "-")
    answers = [visit.ask(measure, by=(by,), period=chosen.period, where=where) for where in wheres]
    tables = [answer for answer in answers if isinstance(answer, ProtectedTable)]
    if len(tables) < len(answers):
        refused = next(answer for answer in answers if isinstance(answer, Refused))
        return empty_frame(frame_id, finding=title, body=refusal(refused))
    sizes = [_size(visit, chosen, where) for where in wheres]
    counts = [by_code(table) for table in tables]
    pairs = [
        Pair(tables[0].label(by, code), counts[0][code], counts[1].get(code), sizes[0], sizes[1]) for code in counts[0]
    ]
    finding = findings.differences(pairs, names)
    shares = ([pair.shares[0] for pair in pairs], [pair.shares[1] for pair in pairs])
    return chart_frame(
        frame_id,
        finding=finding,
        subtitle=f"{title}: {what}, {chosen.during}",
        figure=paired(
            [pair.label for pair in pairs], shares, scheme=visit.scheme, names=names, clear=[p.is_clear for p in pairs]
        ),
        alt=f"Dot plot of two groups. {finding}.",
        twin=data_table(
            title,
            ["", names[0], names[1], "Ratio of shares (95% interval)", "Standardised difference"],
            [[p.label, p.one, p.other, findings.ratio_text(p), findings.difference_text(p)] for p in pairs],
        ),
        table=tables[0],
        key=list(zip((f"● {names[0]}", f"◇ {names[1]}"), colours(visit.scheme).pair, strict=True)),
        note="a thick line joins shares that differ clearly: the interval of their ratio leaves out 1, and the "
        "difference is at least a tenth of a standard deviation. The source and download are those of the first group."
        + hidden_words([*counts[0].values(), *counts[1].values()], "figure"),
        wide=by == "theme",
    )


def _populations(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Offer everyone, and every group that one word of the lattice names."""
    groups: list[dict[str, Any]] = [{"value": ANY, "label": "Everyone using services"}]
    for name in GROUPS:
        dimension = catalogue.dimensions[name]
        items = [
            {"value": f"{name}:{value.code}", "label": value.label}
            for value in dimension.values
            if value.code not in ("unknown", "U")
        ]
        if items:
            groups.append({"group": dimension.label, "items": items})
    return groups


def _where(choice: str) -> dict[str, str]:
    dimension, _, code = choice.partition(":")
    return {dimension: code} if code else {}


def _name(catalogue: Catalogue, where: dict[str, str]) -> str:
    for dimension, code in where.items():
        if dimension == "persona":
            return f"“{catalogue.dimensions['persona'].label_of(code)}”"
        words = label_words(catalogue, dimension, code)
        return f"people using {words}" if dimension == "theme" else f"people {words}"
    return "everyone using services"


def _size(visit: Visit, chosen: Chosen, where: dict[str, str]) -> int | None:
    answer = visit.ask("people", period=chosen.period, where=where)
    return answer.total if isinstance(answer, ProtectedTable) else None
