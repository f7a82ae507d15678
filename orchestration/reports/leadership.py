"""The leadership report: two A4 pages in PDF/UA-1, every figure through the gate, same snapshot same bytes.

What belongs here: assembling the report's words and drawings, and setting the page. What does not: asking for figures
(measures.py), sentences (findings.py, trust.py), drawings (charts.py).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from orchestration.area import Area, load_area
from orchestration.area.permission import Use
from orchestration.errors import HomeError
from orchestration.release import BirthCertificate, Catalogue, Gate
from orchestration.release.comparison import compare, listing
from orchestration.reports import charts, svg
from orchestration.reports.charts import Drawing
from orchestration.reports.desk import Desk
from orchestration.reports.findings import findings, when
from orchestration.reports.measures import Figures, Headline, choose_period, gather
from orchestration.reports.panels import panels
from orchestration.reports.trust import Trust, as_date, attention, day, doubts, partner_rows
from orchestration.settings import Settings

TEMPLATE = Path(__file__).with_suffix(".typ")
EARLIER = {"year": "a year ago", "quarter": "a quarter ago", "month": "a month ago", "all": "before"}
FICTIONAL = "A fictional place: every person and figure in this report is invented."
Content = dict[str, Any]
PALETTE = {
    "ink": svg.INK,
    "muted": svg.MUTED,
    "focus": svg.FOCUS,
    "line": svg.LINE,
    "accent": svg.ACCENT,
    "tint": "#EEF3F8",
    "notice": "#FFF3E0",
}


@dataclass(frozen=True)
class Reader:
    """What one report is written from: the area, the open gate and what the gate can be asked."""

    area: Area
    desk: Desk
    catalogue: Catalogue
    snapshot: Mapping[str, object]

    @property
    def as_of(self) -> date:
        """The day the report speaks from: when the snapshot was built, or a fictional place's own today."""
        return self.area.today if self.area.profile.today else self.built_at.date()

    @property
    def built_at(self) -> datetime:
        built = self.snapshot["built_at"]
        found = built if isinstance(built, datetime) else datetime.fromisoformat(str(built))
        return found if found.tzinfo else found.replace(tzinfo=UTC)


def leadership_report(settings: Settings, *, period: str | None = None, out: Path) -> Path:
    """Write the report of the published snapshot to `out` and return its path.

    `period` is a period code; by default the newest whole reporting year. Raises SnapshotError when nothing is
    published, ConfigurationError for an unknown period, HomeError when `out` cannot be written.
    """
    reader = open_reader(settings)
    pdf = typeset(report_content(reader, code=period), built_at=reader.built_at)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part = out.with_name(out.name + ".part")
        part.write_bytes(pdf)
        part.replace(out)
    except OSError as error:
        raise HomeError(
            f"Cannot write the report to {out} ({error.strerror}): give another file with --out."
        ) from error
    return out


def open_reader(settings: Settings) -> Reader:
    """Open the published snapshot and the area pack; raise SnapshotError when nothing is published."""
    gate = Gate(settings, use=Use(purpose="summary_reporting", audience="leader"))
    catalogue = gate.catalogue()
    return Reader(load_area(settings.area_dir, today=settings.today), Desk(gate), catalogue, gate.snapshot())


def report_content(reader: Reader, *, code: str | None = None) -> Content:
    """Return every word, figure and drawing of the report, as the template takes them."""
    known = {entry.code for entry in reader.catalogue.periods}
    periods = [period for period in reader.area.periods() if period.code in known]
    data_to = as_date(reader.catalogue.data_to)
    period = choose_period(periods, code=code, data_to=data_to)
    figures = gather(reader.desk, periods, period=period, data_to=data_to)
    gate = reader.desk.gate
    trust = Trust(feeds=gate.feeds(), agreements=gate.agreements(), linkage=gate.linkage(), as_of=reader.as_of)
    certificate = reader.desk.certificate("people", period=period.code)
    theme = {value.code: value.label for value in reader.catalogue.dimensions["theme"].values}
    name = reader.area.name
    source = f"Source: linked records of partners in {name}."
    title = f"{name}: how people use services together"
    return {
        "title": title,
        "lead": f"{period.label}. For leaders of the partner organisations. Small lines: by quarter.",
        "author": f"Joined Up, {name}",
        "summary": f"Who used services in {name} in the {when(period.label)}, which together, and how sure we are.",
        "keywords": ["services", "co-use", "journeys", name],
        "footer": f"{name} · {period.label} · {reader.catalogue.snapshot_id}",
        "banner": FICTIONAL if reader.area.profile.fictional else "",
        "notice": notice(figures, data_to=data_to, trust=trust),
        "palette": PALETTE,
        "headlines": [headline(h, figures=figures) for h in figures.headlines],
        "findings": [
            [f.claim, f.behind] for f in findings(figures, theme=lambda c: theme.get(c, c), missing=trust.missing())
        ],
        "nothing": "Nothing may be said of so few people without telling something about one of them.",
        "charts": [panel.content(source) for panel in panels(figures, themes=theme)],
        "attention": {
            "columns": [4, 7, 6],
            "head": ["What", "Why", "What to do"],
            "rows": [list(row) for row in attention(trust)],
            "empty": "Nothing: every feed is in and on time, and no agreement ends soon.",
        },
        "doubts": doubts(
            trust,
            reader.desk,
            match_rate=certificate.match_rate if certificate else None,
            span=certificate.linkage_range if certificate else "",
            group_label=_group_labels(reader.catalogue),
        ),
        "partners": {
            "columns": [9, 5, 3, 4],
            "head": ["Feed", "Newest record", "Linked", "State"],
            "rows": partner_rows(trust),
        },
        "certificate": {"columns": [2, 11], "head": ["About", "What it is"], "rows": origin(certificate, reader)},
    }


def typeset(content: Content, *, built_at: datetime) -> bytes:
    """Return the PDF; Typst refuses to compile what would break PDF/UA-1, so a faulty report cannot be written."""
    import fontpkg  # noqa: PLC0415 - a refresh that writes no report needs neither
    import typst  # noqa: PLC0415

    return bytes(
        typst.compile(
            TEMPLATE,
            sys_inputs={"report": json.dumps(content, ensure_ascii=False)},
            font_paths=[fontpkg.path(svg.FONT).parent],
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
            timestamp=built_at,
        )
    )


def headline(measure: Headline, *, figures: Figures) -> Content:
    """Return one headline: its value in large type, its change in words, its course as a small line."""
    change = compare(measure.before, measure.now)
    if measure.now is None:
        words = "Hidden: too few people to show"
    elif not measure.whole:
        words = "At least: a part is hidden"
    elif figures.previous is None:
        words = "No earlier period to compare with"
    else:
        words = change.words(EARLIER[figures.period.level])
    course = [value for _, value in measure.course]
    shown = [value for value in course if value is not None]
    return {
        "label": measure.label,
        "value": "Hidden" if measure.now is None else f"{measure.now:,}",
        "change": words,
        "spark": None if len(shown) < 3 else _drawn(_course(measure)),
    }


def _course(measure: Headline) -> Drawing:
    return charts.sparkline(
        [value for _, value in measure.course],
        labels=[label for label, _ in measure.course],
        what=f"“{measure.label}” by quarter",
    )


def _drawn(drawing: Drawing) -> Content:
    return {"svg": drawing.svg, "alternative": drawing.alternative}


def notice(figures: Figures, *, data_to: date, trust: Trust) -> str:
    """Return what a reader must know before any figure: nothing to show, an unfinished period, missing partners."""
    said = []
    if figures.is_empty:
        said.append(
            f"Too few people used services in the {when(figures.period.label)}, or none are in the data, to show any "
            "figure without telling something about one of them. The report says what it can."
        )
    if data_to < figures.period.end:
        said.append(f"The data reach {day(data_to)}, before the period ends: its figures are unfinished and will grow.")
    if missing := trust.missing():
        said.append(f"Not in these figures: {listing(missing)}.")
    if late := trust.late():
        said.append(f"Newest months missing: {listing(late)}.")
    return " ".join(said)


def origin(certificate: BirthCertificate | None, reader: Reader) -> list[list[str]]:
    """Return the birth certificate of the main figure as rows; partners stand in their own table."""
    built = (
        f"{reader.catalogue.snapshot_id}, built {reader.built_at:%-d %B %Y %H:%M} UTC, "
        f"data to {day(reader.catalogue.data_to)}"
    )
    if certificate is None:
        return [["Figures", "No whole-area figure was released for this period."], ["Snapshot", built]]
    agreements = ", ".join(sorted(certificate.agreements)) or "none"
    return [
        ["Measure", f"{certificate.label}: {lower_first(certificate.definition)}"],
        ["Counted", certificate.counted],
        ["Not counted", certificate.not_counted],
        ["Protection", certificate.suppression],
        ["“At once”", "On the same day. “In the period” means on any day of it, not necessarily the same."],
        [
            "Changes",
            "Called up or down only beyond what rounding, protection and chance could make of two such counts.",
        ],
        ["Agreements", agreements],
        ["Snapshot", built],
    ]


def lower_first(text: str) -> str:
    """Return a text whose first letter is small, to follow a colon."""
    return text[:1].lower() + text[1:]


def _group_labels(catalogue: Catalogue) -> dict[tuple[str, str], str]:
    """Return the reading label of each group that linkage quality is published for."""
    kinds = {"sex": "sex", "age_band": "age_band", "ethnic_group": "ethnic_group", "deprivation": "deprivation"}
    prefix = {"age_band": "people aged "}
    return {
        (kind, value.code): f"{prefix.get(kind, '')}{lower_first(value.label)}"
        for kind, dimension in kinds.items()
        for value in catalogue.dimensions[dimension].values
        if value.code not in ("unknown", "U")
    }
