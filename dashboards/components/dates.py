"""Dates as people write them."""

from datetime import date, datetime


def day(text: object) -> str:
    """Write an ISO date or time as '20 October 2026'; anything else as it is."""
    try:
        moment = datetime.fromisoformat(str(text)) if len(str(text)) > 10 else date.fromisoformat(str(text))
    except ValueError:
        return str(text) if text else "not known"
    return f"{moment.day} {moment:%B %Y}"


def short_day(text: object) -> str:
    """Write an ISO date or time as '20 Oct 2026' for tables."""
    words = day(text).split(" ")
    return (
        f"{words[0]}\u00a0{words[1][:3]}\u00a0{words[2]}" if len(words) == 3 and words[0].isdigit() else " ".join(words)
    )
