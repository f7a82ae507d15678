"""The charts of 'Who uses services' that put people against residents: age, deprivation, ethnic group, place."""

from dash import html

from dashboards.choices import Chosen
from dashboards.components.chart_frame import chart_frame, framed
from dashboards.components.tables import data_table
from dashboards.figures.bars import pyramid, ranked_bars
from dashboards.figures.numbers import listed_values, per_thousand, rate_text, share, share_text
from dashboards.figures.points import ranked_points
from dashboards.figures.template import colours
from dashboards.findings import who as findings
from dashboards.findings.comparing import Rate, hidden_words, ranked
from dashboards.pages.who_rates import UNKNOWN, count_bars, known_codes, rate_columns, told_range, told_rate, told_rates
from dashboards.reading import by_code, by_two_codes, pairs
from dashboards.visit import Visit
from orchestration.release import ProtectedTable, Refused

Frame = html.Figure | None


def by_age_and_sex(visit: Visit, chosen: Chosen) -> Frame:
    """Draw a pyramid of rates where one filter is left to the gate, else rates by age alone."""
    if {"age_group", "sex"} & set(chosen.where) or len(chosen.where) > 1:
        return _by_age(visit, chosen) if "age_group" not in chosen.where else None
    answer = visit.ask("people", by=("age_band", "sex"), period=chosen.period, where=chosen.where)
    residents = visit.population(("age_band", "sex"), chosen.where)
    if isinstance(answer, Refused) or not residents:
        return _by_age(visit, chosen)
    ages = visit.ask("people", by=("age_band",), period=chosen.period, where=chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        labels = {code: table.label("age_band", code) for code in known_codes(visit, "age_band")}
        cells = by_two_codes(table)
        sides = {
            sex: [Rate(label, cells.get((band, sex)), residents.get((band, sex))) for band, label in labels.items()]
            for sex in ("F", "M")
        }
        finding = findings.by_age(_age_rates(visit, chosen, ages))
        rows = [
            [f.label, f.people, told_rate(f), m.people, told_rate(m)]
            for f, m in zip(sides["F"], sides["M"], strict=True)
        ]
        palette = colours(visit.scheme)
        return chart_frame(
            "who-age",
            finding=finding,
            subtitle=f"People using services in every 1,000 residents of the same age and sex, {chosen.during}",
            figure=pyramid(
                list(labels.values()), [r.value for r in sides["F"]], [r.value for r in sides["M"]],
                scheme=visit.scheme, names=("Female", "Male"), unit="in every 1,000",
            ),
            alt=(f"Pyramid of rates by age and sex. {finding}. Female: "
                f"{told_rates(sides['F'])}. Male: {told_rates(sides['M'])}."),
            twin=data_table("People by age and sex", ["Age", "Female", "Per 1,000", "Male", "Per 1,000"], rows),
            table=table,
            key=[("Female", palette.pair[0]), ("Male", palette.pair[1])],
            note="people whose age or sex is not known are left out."
            + hidden_words([r.people for side in sides.values() for r in side], "figure"),
        )  # fmt: skip

    return framed(visit, "who-age", "People by age and sex", answer, draw)


def _by_age(visit: Visit, chosen: Chosen) -> html.Figure:
    answer = visit.ask("people", by=("age_band",), period=chosen.period, where=chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        rates = _age_rates(visit, chosen, table)
        return rate_columns(
            visit, table, rates, frame_id="who-age", finding=findings.by_age(rates), noun="age", during=chosen.during
        )

    return framed(visit, "who-age", "People by age", answer, draw)


def _age_rates(visit: Visit, chosen: Chosen, table: ProtectedTable | Refused) -> list[Rate]:
    if isinstance(table, Refused):
        return []
    residents = visit.population(("age_band",), chosen.where)
    found = by_code(table)
    return [
        Rate(table.label("age_band", code), found.get(code), residents.get((code,)))
        for code in known_codes(visit, "age_band")
    ]


def by_deprivation(visit: Visit, chosen: Chosen, *, page: str = "who") -> Frame:
    """Draw rates by fifth of deprivation, with intervals; nothing where deprivation or a neighbourhood is chosen."""
    if {"deprivation", "msoa"} & set(chosen.where):
        return None
    answer = visit.ask("people", by=("deprivation",), period=chosen.period, where=chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        residents = visit.population(("deprivation",), chosen.where)
        found = by_code(table)
        rates = [Rate(table.label("deprivation", code), found.get(code), residents.get((code,))) for code in "12345"]
        return rate_columns(
            visit, table, rates,
            frame_id=f"{page}-deprivation", finding=findings.by_deprivation(rates), noun="fifth of deprivation",
            during=chosen.during,
        )  # fmt: skip

    return framed(visit, f"{page}-deprivation", "People by deprivation", answer, draw)


def by_ethnic_group(visit: Visit, chosen: Chosen, people: int | None) -> Frame:
    """Rank ethnic groups by share of people, and say for how many it is not known."""
    if "ethnic_group" in chosen.where:
        return None
    answer = visit.ask("people", by=("ethnic_group",), period=chosen.period, where=chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        unknown = by_code(table).get("unknown")
        found = ranked(pairs(table, without=UNKNOWN))
        shown = [*found, *([("Not known or not stated", unknown)] if "unknown" in by_code(table) else [])]
        finding = findings.by_ethnic_group(found, unknown, people)
        rows = [[name, value, share_text(value, people)] for name, value in shown]
        return chart_frame(
            "who-ethnic",
            finding=finding,
            subtitle=f"Share of people using services by ethnic group, {chosen.during}",
            figure=ranked_bars(
                [p[0] for p in shown], [share(p[1], people) for p in shown], scheme=visit.scheme, unit="of people",
                write=_percent,
            ),
            alt=f"Bar chart of people by ethnic group. {finding}. {listed_values(shown)}",
            twin=data_table("People by ethnic group", ["Ethnic group", "People", "Share"], rows),
            table=table,
            note=("no rates: the population by ethnic group is not loaded. "
                "Those not known are not spread evenly over the groups."),
            wide=True,
        )  # fmt: skip

    return framed(visit, "who-ethnic", "People by ethnic group", answer, draw)


def by_area(visit: Visit, chosen: Chosen, *, page: str = "who") -> Frame:
    """Rank neighbourhoods by rate; nothing where one is chosen or deprivation is (together they would cut slivers)."""
    if {"msoa", "deprivation"} & set(chosen.where) or not known_codes(visit, "msoa"):
        return None
    answer = visit.ask("people", by=("msoa",), period=chosen.period, where=chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        residents = visit.population(("msoa",), chosen.where)
        found = by_code(table)
        places = [code for code in known_codes(visit, "msoa") if code in found]
        rates = [Rate(table.label("msoa", code), found[code], residents.get((code,))) for code in places]
        if not residents:
            return count_bars(visit, table, rates, frame_id=f"{page}-area", noun="neighbourhood", during=chosen.during)
        rates.sort(key=lambda rate: (rate.value is None, -(rate.value or 0)))
        known = [rate for rate in rates if rate.people is not None]
        whole = per_thousand(sum(rate.people or 0 for rate in known), sum(rate.population or 0 for rate in known))
        finding = findings.by_area(rates, whole)
        rows = [[rate.label, rate.people, told_rate(rate), told_range(rate)] for rate in rates]
        return chart_frame(
            f"{page}-area",
            finding=finding,
            subtitle=("People using services in every 1,000 residents by "
                f"neighbourhood of their address, {chosen.during}"),
            figure=ranked_points(
                [rate.label for rate in rates], [rate.value for rate in rates], [rate.interval for rate in rates],
                scheme=visit.scheme, write=rate_text, unit="in every 1,000",
                whole=whole, whole_label=f"Everywhere: {rate_text(whole)}",
            ),
            alt=f"Chart of rates with intervals by neighbourhood. {finding}. {told_rates(rates[:6])}.",
            twin=data_table("People by neighbourhood", ["Neighbourhood", "People", "Per 1,000", "95% interval"], rows),
            table=table,
            note=("lines show 95% intervals; a filled point differs clearly "
                "from everywhere together. People without a known address are left out.")
            + hidden_words([rate.people for rate in rates], "neighbourhood"),
            wide=True,
        )  # fmt: skip

    return framed(visit, f"{page}-area", "People by neighbourhood", answer, draw)


def _percent(value: float | None) -> str:
    return share_text(value, 1)
