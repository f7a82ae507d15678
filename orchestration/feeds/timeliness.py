"""Whether a delivery came neither too early for the period that it reports on, nor with the events of another one."""

from datetime import timedelta

from orchestration.feeds.cadence import cadence_days
from orchestration.feeds.checks import Findings
from orchestration.feeds.figures import Figures
from orchestration.feeds.plausibility import Delivered
from orchestration.feeds.rowrules import period_start

LEAST_EVENTS = 20
"""Fewer records than these may well all be of cases that go on without an event in the period."""


def check_period(delivered: Delivered, figures: Figures, findings: Findings) -> None:
    """Warn of a delivery made before its period was over, and of one whose newest event is of another time."""
    days, terms = delivered.days, delivered.contract.delivery
    ends = days.known().get("period_end")
    if ends and days.delivered_on <= ends:
        early = f"delivered on {days.delivered_on:%d %B %Y}, the period ends on {ends:%d %B %Y}"
        findings.add("period_not_over", 1, detail=early)
    begins = (
        period_start(days.period)
        if days.period
        else days.delivered_on - timedelta(days=cadence_days(terms.cadence) + terms.late_after_days)
    )
    newest = figures.newest_event
    events = sum(rows for entity, rows in figures.rows.items() if entity != "person")
    if newest and newest < begins and events >= LEAST_EVENTS and terms.cadence != "once":
        findings.add("period_stale", 1, detail=f"the newest event is of {newest:%d %B %Y}")
