"""Who is signed in: sessions kept in this process, so that a sign-out ends one however often its cookie was copied.

The cookie holds a random number and nothing about a person. A restart signs everybody out. What does not belong here:
cookies and HTTP.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock

IDLE_SECONDS = 30 * 60
LONGEST_SECONDS = 8 * 60 * 60


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here: the provider's name for them, their roles, and their partner if they work for one."""

    subject: str
    roles: frozenset[str]
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class _Session:
    person: Person
    began: float
    seen: float


class Sessions:
    """All sessions. `clock` gives seconds; tests hand over their own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._held, self._lock = clock, dict[str, _Session](), Lock()

    def begin(self, person: Person) -> str:
        """Start a session under a new number and return it; sessions that are over are forgotten."""
        number, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            self._held = {held: session for held, session in self._held.items() if not _is_over(session, now)}
            self._held[number] = _Session(person, began=now, seen=now)
        return number

    def person(self, number: object) -> Person | None:
        """Return whose session this is and count it as used now; None when there is none or it is over."""
        if not isinstance(number, str):
            return None
        now = self._clock()
        with self._lock:
            session = self._held.get(number)
            if session is None or _is_over(session, now):
                self._held.pop(number, None)
                return None
            self._held[number] = replace(session, seen=now)
        return session.person

    def end(self, number: object) -> None:
        """End a session, if there is one."""
        with self._lock:
            self._held.pop(str(number), None)


def _is_over(session: _Session, now: float) -> bool:
    return now - session.seen > IDLE_SECONDS or now - session.began > LONGEST_SECONDS
