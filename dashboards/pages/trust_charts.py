"""The charts of 'Can we trust it?': how records are linked, by feed and by group."""

from typing import Any

from dash import html

from dashboards.components.chart_frame import chart_frame
from dashboards.components.tables import Cell, data_table
from dashboards.figures.dots import dots
from dashboards.figures.numbers import in_sentence
from dashboards.findings import trust as findings
from dashboards.visit import Visit
from orchestration.release import Catalogue


def by_feed(visit: Visit, feeds: list[dict[str, Any]]) -> html.Figure:
    """Draw each feed's share of records linked to another feed."""
    known = sorted((row for row in feeds if row["permitted"]), key=lambda row: -(row["people_match_rate"] or 0))
    whole = _whole(visit)
    finding = findings.match_finding(visit.gate.linkage())
    labels = [str(row["title"]) for row in known]
    rates = [None if row["people_match_rate"] is None else row["people_match_rate"] / 100 for row in known]
    rows: list[list[Cell]] = [[label, _percent(rate)] for label, rate in zip(labels, rates, strict=True)]
    return chart_frame(
        "trust-feeds",
        finding=finding,
        subtitle="Share of each feed's records that were linked to a record of another feed",
        figure=dots(labels, rates, scheme=visit.scheme, whole=whole, whole_label=f"All feeds {_percent(whole)}"),
        alt=f"Dot plot of match rates by feed. {finding}. {', '.join(f'{r[0]} {r[1]}' for r in rows)}.",
        twin=data_table("Match rate by feed", ["Feed", "Linked"], rows),
        note="a low share is no fault by itself: people known to one feed only have nothing to be linked to.",
    )


def by_group(visit: Visit, linkage: list[dict[str, object]]) -> html.Figure:
    """Draw how a group's linkage lies from everyone's within the same feeds."""
    names = _group_names(visit.catalogue)
    gaps = [
        (names[key], gap * 100) for key, gap in findings.group_gaps(linkage).items()
        if key in names and key[1] not in findings.UNKNOWN
    ]  # fmt: skip
    finding = findings.evenness_finding(linkage, names)
    return chart_frame(
        "trust-groups",
        finding=finding,
        subtitle=(
            "How many percentage points more or less often a group's records are linked than others of the same feeds"
        ),
        figure=dots(
            [n for n, _ in gaps],
            [g for _, g in gaps],
            scheme=visit.scheme,
            whole=0,
            whole_label="Everyone",
            write=_points,
        ),
        alt=f"Dot plot of match rates by group. {finding}. {', '.join(f'{n} {_points(g)}' for n, g in gaps)}.",
        twin=data_table(
            "Linked more or less often than others of the same feeds",
            ["Group", "Percentage points"],
            [[n, _points(g)] for n, g in gaps],
        ),
        note=(
            "a group linked less often may use fewer services, or its "
            "links may be missed more often, which makes it look larger and its journeys shorter."
        ),
    )


def _points(gap: float | None) -> str:
    return "not known" if gap is None else f"{gap:+.0f}".replace("-", "−").replace("+0", "0").replace("−0", "0")


def _whole(visit: Visit) -> float | None:
    return findings.match_rate(visit.gate.linkage())


def _group_names(catalogue: Catalogue) -> dict[tuple[str, str], str]:
    """Return a name for each group that says by itself what it is."""
    form = {"age_band": "Aged {}", "ethnic_group": "{}", "sex": "{}", "deprivation": "{}"}
    return {
        (kind, value.code): form[kind].format(in_sentence(value.label) if kind == "age_band" else value.label)
        for kind in form
        for value in catalogue.dimensions[kind].values
    }


def _percent(rate: float | None) -> str:
    return "not known" if rate is None else f"{rate:.0%}"
