"""How figures are protected: the release policies in force, in words, and what they cost."""

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboards.components.tables import plain_table
from dashboards.visit import Visit
from orchestration.release import ProtectedTable

READERS = {
    "dashboard": "Staff of the partners, on these pages",
    "public": "Anybody",
    "sensitive": "Sensitive topics, whoever reads",
}


def protection(visit: Visit) -> html.Section:
    """Draw the rules in force, what they mean for a reader, and what they cost."""
    years = visit.catalogue.periods_of("year")
    example = visit.ask("people", by=("theme", "msoa"), period=years[-1].code)
    made = visit.ask("people", period=years[-1].code)
    body: list[Any] = [html.P(made.certificate.suppression)] if isinstance(made, ProtectedTable) else []
    body += [
        html.P(
            "A figure that is not shown reads “fewer than 10 or "
            "protected”. It may be none, a few, or so close to everyone in its row that the "
            "remainder would be given away. The three cannot be told apart, on purpose."
        ),
        html.P(
            "Very detailed questions are refused, with a coarser one "
            "offered instead. Filters count: three attributes at most, area included."
        ),
    ]
    if isinstance(example, ProtectedTable):
        share = example.hidden_cells / len(example.rows)
        body.append(
            html.P(
                f"What it costs: of {len(example.rows):,} figures by theme and "
                f"neighbourhood in the latest year, {example.hidden_cells:,} ({share:.0%}) are "
                "hidden."
            )
        )
    if isinstance(made, ProtectedTable) and made.certificate.linkage_range:
        body.append(html.P(made.certificate.linkage_range))
    body.append(_rules(visit.gate.policies()))
    return html.Section(body, className="card prose")


def _rules(policies: list[dict[str, object]]) -> html.Div:
    columns = [
        "For",
        "Smallest figure",
        "On sensitive services",
        "Rounded to",
        "Attributes at most",
        "Looser than tested",
    ]
    rows: list[list[Any]] = [
        [
            READERS.get(str(row["policy"]), str(row["policy"])),
            f"{row['threshold']:,}", f"{row['sensitive_threshold']:,}", f"{row['rounding_base']:,}",
            str(row["most_attributes"]), looser(row),
        ]
        for row in policies
    ]  # fmt: skip
    return plain_table("The rules in force, by who reads", columns, rows, texts=1)


def looser(row: Mapping[str, object]) -> str:
    """Say which numbers of a policy are looser than those that the attacks were run against, and who decided it."""
    if not row["loosened"]:
        return "No"
    return f"{str(row['loosened']).replace('_', ' ').capitalize()}, by decision {row['decision']}"
