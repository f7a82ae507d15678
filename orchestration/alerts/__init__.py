"""Alerts: what has gone wrong, told once when it begins and once when it is over.

What belongs here: finding causes in receipts, cadences and failures, noting which are known, and sending what is new.
What does not: Dagster's sensors (orchestration.defs), or deciding whether a delivery or a row is good (feeds).
"""

from orchestration.alerts.alerting import Alerted, alert, open_causes, send_trial
from orchestration.alerts.causes import Cause, Verdict
from orchestration.alerts.failures import failure

__all__ = ["Alerted", "Cause", "Verdict", "alert", "failure", "open_causes", "send_trial"]
