"""Reports for people who do not open a dashboard: every figure comes through the release gate.

What belongs here: choosing measures, writing sentences from numbers, drawing charts without a browser, setting the
page. What does not: reading a snapshot, protecting a number (orchestration.release), deciding when a report is due
(orchestration.defs).
"""

from orchestration.reports.leadership import leadership_report

__all__ = ["leadership_report"]
