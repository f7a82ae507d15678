"""How often one signed-in person may ask for pages: far more than anybody reads, far less than a program wants.

Kept in this process's memory, as sessions are. Sign-in and the API have rates of their own.
"""

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

CALLBACKS_A_MINUTE, TAKINGS_A_MINUTE = 600, 120
"""Callbacks; and whatever else asks for a role: downloads, documents, receipts, what is written down."""


class Rates:
    """Counts requests of one kind by person."""

    def __init__(self, a_minute: int = CALLBACKS_A_MINUTE) -> None:
        self.a_minute = a_minute
        self._item = RateLimitItemPerMinute(a_minute)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def may(self, subject: str) -> bool:
        """Count one request of somebody; False when they have had all of this minute's."""
        return bool(self._limiter.hit(self._item, subject))
