"""The charts of the costs page: who pays, by number of services, how concentrated, and how far prices matter."""

from dash import html

from dashboards import costing
from dashboards.choices import Chosen
from dashboards.components.chart_frame import chart_frame, empty_frame, framed
from dashboards.components.tables import data_table
from dashboards.costing import pounds
from dashboards.figures.bars import columns
from dashboards.figures.lorenz import Band, lorenz
from dashboards.figures.numbers import share_text
from dashboards.figures.ranges import ranked_ranges
from dashboards.findings import costs as findings
from dashboards.findings.comparing import hidden_words, ranked
from dashboards.reading import by_code
from dashboards.visit import Visit
from orchestration.release import ProtectedTable

MOST_SERVICES = 12
HOW_MANY = ("1", "2", "3", "4+")
RANGE_NOTE = "the line runs from every unit cost at its low to every one at its high: an outer range, not an interval."


def payers(visit: Visit, chosen: Chosen) -> html.Figure:
    """Rank who bears the cost, each with the range of its unit costs."""
    answer = visit.ask("costs_by_payer", by=("payer",), period=chosen.period, where=chosen.where)
    services = _published(visit, chosen, "costs", "service")
    people = _published(visit, chosen, "people_costed", "payer")

    def draw(table: ProtectedTable) -> html.Figure:
        costs = by_code(table)
        ranges = costing.by_payer(services, costs, costing.unit_costs(visit.area.directory.unit_costs))
        codes = [code for code, _ in ranked(list(costs.items()))]
        names = [table.label("payer", code) for code in codes]
        each = costing.per_person(costs, people)
        finding = findings.by_payer([(name, costs[code]) for name, code in zip(names, codes, strict=True)])
        values = [costs[code] for code in codes]
        told = [f"{name} {pounds(value)}" for name, value in zip(names, values, strict=True)]
        return chart_frame(
            "costs-payers",
            finding=finding,
            subtitle=f"Cost of use by who bears it, {chosen.during}",
            figure=ranked_ranges(
                names, values, [ranges.get(code) for code in codes], scheme=visit.scheme, write=pounds
            ),
            alt=f"Bar chart of who pays. {finding}. {', '.join(told)}.",
            twin=data_table(
                "Cost by who pays",
                ["Who pays", "Pounds", "Low", "High", "People", "Pounds a person"],
                [
                    [name, costs[code], *_ends(ranges.get(code)), people.get(code), _whole(each[code])]
                    for name, code in zip(names, codes, strict=True)
                ],
            ),
            table=table,
            note=RANGE_NOTE + hidden_words(values, "figure"),
        )

    return framed(visit, "costs-payers", "Cost by who pays", answer, draw)


def services_used(visit: Visit, chosen: Chosen) -> html.Figure:
    """Draw the cost of a person by how many services they used."""
    answer = visit.ask("costs", by=("services_used",), period=chosen.period, where=chosen.where)
    people = _published(visit, chosen, "people", "services_used")

    def draw(table: ProtectedTable) -> html.Figure:
        costs = by_code(table)
        each = costing.per_person(costs, people)
        names = [table.label("services_used", code) for code in HOW_MANY]
        values = [each.get(code) for code in HOW_MANY]
        finding = findings.by_services_used(list(zip(names, values, strict=True)))
        return chart_frame(
            "costs-used",
            finding=finding,
            subtitle=f"Pounds a person by number of services used, {chosen.during}",
            figure=columns(names, values, scheme=visit.scheme, unit="a person", write=pounds),
            alt=f"Column chart of cost a person by number of services. {finding}.",
            twin=data_table(
                "Cost by number of services",
                ["Services used", "People", "Pounds", "Pounds a person"],
                [
                    [name, people.get(code), costs.get(code), _whole(each.get(code))]
                    for name, code in zip(names, HOW_MANY, strict=True)
                ],
            ),
            table=table,
            note="more services cost more by construction; fewer might not have met the same needs."
            + hidden_words(values, "figure"),
        )

    return framed(visit, "costs-used", "Cost by number of services", answer, draw)


def concentration(visit: Visit, chosen: Chosen) -> html.Figure:
    """Draw how far people with many services account for the cost."""
    answer = visit.ask("costs", by=("services_used",), period=chosen.period, where=chosen.where)
    people = _published(visit, chosen, "people", "services_used")

    def draw(table: ProtectedTable) -> html.Figure:
        costs = by_code(table)
        bands = [
            Band(table.label("services_used", code), number, amount)
            for code in HOW_MANY
            if (number := people.get(code)) and (amount := costs.get(code))
        ]
        finding = findings.concentration(bands)
        if len(bands) < 2:
            return empty_frame("costs-lorenz", finding=finding, body=html.P("The rest is hidden to protect people."))
        whole, amounts = sum(band.people for band in bands), sum(band.amount for band in bands)
        return chart_frame(
            "costs-lorenz",
            finding=finding,
            subtitle=f"Cost against people, added up over bands of number of services, {chosen.during}",
            figure=lorenz(bands, scheme=visit.scheme, people="people", amount="cost"),
            alt=f"Lorenz curve through {len(bands)} bands. {finding}.",
            twin=data_table(
                "Shares by number of services",
                ["Services used", "People", "Share of people", "Pounds", "Share of cost"],
                [
                    [b.label, b.people, share_text(b.people, whole), b.amount, share_text(b.amount, amounts)]
                    for b in bands
                ],
            ),
            table=table,
            note="on the dotted line everybody would cost the same. Inside a band all count as alike, so that costs "
            "are more concentrated than the line shows.",
            wide=True,
        )

    return framed(visit, "costs-lorenz", "How concentrated costs are", answer, draw)


def sensitivity(visit: Visit, chosen: Chosen) -> html.Figure:
    """Rank the services by cost, each with the range of its unit cost."""
    answer = visit.ask("costs", by=("service",), period=chosen.period, where=chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        shown = {code: value for code, value in ranked(list(by_code(table).items())) if value is not None}
        ranges = costing.by_service(shown, costing.unit_costs(visit.area.directory.unit_costs))
        names = {code: table.label("service", code) for code in shown}
        finding = findings.sensitivity(names, ranges)
        first = list(shown)[:MOST_SERVICES]
        return chart_frame(
            "costs-sensitivity",
            finding=finding,
            subtitle=f"The {len(first)} services that cost most, each with its unit cost low and high, {chosen.during}",
            figure=ranked_ranges(
                [names[code] for code in first], [shown[code] for code in first], [ranges.get(code) for code in first],
                scheme=visit.scheme, write=pounds,
            ),
            alt=f"Bar chart of cost by service. {finding}.",
            twin=data_table(
                "Cost by service with unit costs low, central and high",
                ["Service", "Low", "Central", "High"],
                [
                    [names[code], _ends(ranges.get(code))[0], value, _ends(ranges.get(code))[1]]
                    for code, value in shown.items()
                ],
            ),
            table=table,
            note="services without a unit cost, and those of few people, are not in it.",
            wide=True,
        )  # fmt: skip

    return framed(visit, "costs-sensitivity", "Cost by service", answer, draw)


def _published(visit: Visit, chosen: Chosen, measure: str, by: str) -> dict[str, int | None]:
    answer = visit.ask(measure, by=(by,), period=chosen.period, where=chosen.where)
    return by_code(answer) if isinstance(answer, ProtectedTable) else {}


def _ends(bounds: costing.Range | None) -> list[int | None]:
    return [None, None] if bounds is None else [round(bounds[0]), round(bounds[1])]


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
