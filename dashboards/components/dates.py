"""Dates as people write them."""

from datetime import date, datetime


def day(text: object) -> str:
    """Write an ISO date or time as '20 October 2026'; anything else as it is."""
    try:
        moment = datetime.fromisoformat(str(text)) if len(str(text)) > 10 else date.fromisoformat(str(text))
    except ValueError:
        return str(text) if text else "not known"
    return f"{moment.day} {moment:%B %Y}"
