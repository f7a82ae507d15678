"""The charts of 'Services together'."""

from dash import html

from dashboards.choices import Chosen
from dashboards.components.chart_frame import chart_frame, framed
from dashboards.components.tables import data_table
from dashboards.figures.bars import columns
from dashboards.figures.matrix import matrix
from dashboards.figures.numbers import HIDDEN, count_text, share, share_text
from dashboards.figures.upset import Combination, upset
from dashboards.findings import together as findings
from dashboards.findings.comparing import hidden_words, ranked
from dashboards.reading import by_code, by_two_codes, complete, pairs
from dashboards.visit import Visit
from orchestration.release import ProtectedTable

MOST_COMBINATIONS = 18
MOST_SERVICES = 12
OTHER = "other"


def combinations(visit: Visit, chosen: Chosen) -> html.Figure:
    """Draw the UpSet plot of exact combinations of themes."""
    answer = visit.ask("combinations", by=("theme_set",), period=chosen.period, where=chosen.where)
    sizes = visit.ask("people", by=("theme",), period=chosen.period, where=chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        names = {theme.code: theme.name for theme in visit.catalogue.themes}
        counted = by_code(table)
        found = [
            Combination(frozenset(names.get(part, part) for part in code.split("+")), people)
            for code, people in counted.items()
            if code != OTHER and people is not None
        ]
        found.sort(key=lambda item: -item.people)
        size_of = by_code(sizes) if isinstance(sizes, ProtectedTable) else {}
        present = [code for code, _ in ranked(list(size_of.items())) if any(names[code] in c.members for c in found)]
        finding = findings.combinations(found, table.total)
        other = counted.get(OTHER)
        rows = [[" + ".join(sorted(c.members)), len(c.members), c.people] for c in found]
        rows.append(["All other combinations, too rare to show alone", "2 or more", other])
        drawn = found[:MOST_COMBINATIONS]
        return chart_frame(
            "together-combinations",
            finding=finding,
            subtitle=(
                "People by the exact set of themes they used, "
                f"{chosen.during}. Blue columns are combinations of two or more."
            ),
            figure=upset(
                [names[code] for code in present], [size_of[code] for code in present], drawn, scheme=visit.scheme
            ),
            alt=f"UpSet plot of {len(drawn)} combinations. {finding}. {_told(drawn)}",
            twin=data_table(
                f"Combinations of themes, {chosen.during}",
                ["Themes used, and no other", "Themes", "People"],
                rows,
                texts=1,
            ),
            table=table,
            note=findings.rare(other, table.total, len(found), len(drawn)),
            wide=True,
            least_width=330 + 30 * len(drawn),
        )

    return framed(visit, "together-combinations", "Combinations of themes", answer, draw)


def co_use(visit: Visit, chosen: Chosen, view: str) -> html.Figure:
    """Draw the asymmetric matrix: of people who use the row, what share also uses the column."""
    by = ("service_a", "service_b") if view == "services" else ("theme_a", "theme_b")
    answer = visit.ask("people_using_both", by=by, period=chosen.period, where=chosen.where)
    one = "service" if view == "services" else "theme"
    sizes = visit.ask("people", by=(one,), period=chosen.period, where=chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        users = (
            {c: v for c, v in ranked(list(by_code(sizes).items())) if v is not None}
            if isinstance(sizes, ProtectedTable)
            else {}
        )
        codes = list(users)[:MOST_SERVICES]
        cells = by_two_codes(table)
        name = {code: table.label(by[0], code) for code in codes}
        both = {(a, b): _either_way(cells, a, b) for a in codes for b in codes if a != b}
        found = [(name[a], name[b], n, users[a]) for (a, b), n in both.items() if n is not None]
        finding = findings.co_use(found)
        shares = [[None if a == b else share(both[a, b], users[a]) for b in codes] for a in codes]
        told = [["" if a == b else _cell_words(name[a], name[b], both[a, b], users[a]) for b in codes] for a in codes]
        rows = [[a, b, n, share_text(n, of)] for a, b, n, of in sorted(found, key=lambda f: -f[2] / f[3])]
        return chart_frame(
            "together-couse",
            finding=finding,
            subtitle=(
                f"Of people who used the {one} in the row, the share who also "
                f"used the one in the column, {chosen.during}"
            ),
            figure=matrix(
                [f"{name[c]} ({users[c]:,})" for c in codes],
                [name[c] for c in codes],
                shares,
                told,
                scheme=visit.scheme,
            ),
            alt=(
                f"Matrix of co-use. {finding}. "
                f"{findings.asymmetry(found) or ''} Use of both need not be at the same time."
            ),
            twin=data_table(
                "Pairs, strongest first",
                [f"Of people using this {one}", "share who also use", "People using both", "Share"],
                rows,
                texts=2,
            ),
            table=table,
            note=(
                f"{findings.asymmetry(found) or ''} Use of both in the period "
                f"need not be at the same time, nor one lead to the other. A dot is {HIDDEN}."
            )
            + hidden_words(list(both.values()), "cell"),
            wide=True,
            least_width=200 + 70 * len(codes),
        )

    return framed(visit, "together-couse", f"What else people of each {one} use", answer, draw)


def at_once(visit: Visit, chosen: Chosen) -> html.Figure:
    """Draw how many services people had open on one day."""
    answer = visit.ask("people", by=("services_at_once",), period=chosen.period, where=chosen.where)
    subtitle = f"People by the most services they had open on one day, {chosen.during}"
    return framed(
        visit,
        "together-once",
        "Services at once",
        answer,
        lambda t: _how_many(visit, t, "together-once", findings.how_many(pairs(t), "at the same time"), subtitle),
    )


def used(visit: Visit, chosen: Chosen) -> html.Figure:
    """Draw how many different services people used in the period."""
    answer = visit.ask("people", by=("services_used",), period=chosen.period, where=chosen.where)
    subtitle = f"People by the number of different services they used, {chosen.during}"
    return framed(
        visit,
        "together-used",
        "Services used",
        answer,
        lambda t: _how_many(visit, t, "together-used", findings.how_many(pairs(t), "over the period"), subtitle),
    )


def _how_many(visit: Visit, table: ProtectedTable, frame_id: str, finding: str, subtitle: str) -> html.Figure:
    dimension = table.request.by[0]
    codes = ["1", "2", "3", "4+"]
    values = complete(codes, by_code(table))
    labels = [table.label(dimension, code) for code in codes]
    return chart_frame(
        frame_id,
        finding=finding,
        subtitle=subtitle,
        figure=columns(
            labels, values, scheme=visit.scheme, unit="people", height=280, axis_title="Services", highlight=labels[-1:]
        ),
        alt=(
            f"Column chart. {finding}. "
            f"{', '.join(f'{n} {count_text(v)}' for n, v in zip(labels, values, strict=True))}."
        ),
        twin=data_table(
            subtitle,
            ["Services", "People", "Share"],
            [[n, v, share_text(v, table.total)] for n, v in zip(labels, values, strict=True)],
        ),
        table=table,
        note=hidden_words(values, "figure").strip() or None,
    )


def _either_way(cells: dict[tuple[str, str], int | None], a: str, b: str) -> int | None:
    """Return the figure of an unordered pair, whichever way round the table holds it."""
    found = cells.get((a, b))
    return cells.get((b, a)) if found is None else found


def _cell_words(a: str, b: str, both: int | None, users: int) -> str:
    if both is None:
        return f"{a} and {b}: {HIDDEN}"
    return f"{share_text(both, users)} of people using {a}<br>also use {b}<br>({both:,} of {users:,})"


def _told(found: list[Combination]) -> str:
    return ", ".join(f"{' and '.join(sorted(c.members))} {c.people:,}" for c in found[:6]) + "."
