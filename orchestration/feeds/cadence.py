"""How often a feed should deliver, in months and days."""

MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
DAYS = {"daily": 1, "weekly": 7}


def cadence_days(cadence: str) -> int:
    """Return the longest time between two deliveries, in days; 'once' has none, and ten years stand for it."""
    return {**DAYS, "monthly": 31, "quarterly": 92, "yearly": 366}.get(cadence, 3660)
