"""One message for all that is new at one time: its subject, its text for people, its facts for machines.

What belongs here: words and layout. What does not: choosing what is told, or sending it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from orchestration.alerts.book import Event
from orchestration.alerts.causes import KINDS, Cause

MOST_TOLD = 50
"""Causes written out in one message; the rest is counted, and `joinedup alerts list` has it."""


@dataclass(frozen=True)
class Message:
    """What a channel sends. `message_id` is the same whenever the same events are sent again."""

    message_id: str
    subject: str
    text: str
    facts: dict[str, object] = field(default_factory=dict)


def compose(area: str, events: Sequence[Event], *, still_open: int) -> Message:
    """Return the message that tells these events. `still_open` counts every cause that is open now."""
    begun = [event.cause for event in events if event.begins]
    over = [event.cause for event in events if not event.begins]
    counts = [f"{len(begun)} new" if begun else "", f"{len(over)} over" if over else ""]
    subject = f"Joined Up, {area}: {_only(begun, over) or ', '.join(part for part in counts if part)}"
    text = "\n".join(
        [
            *_part("New", begun, in_full=True),
            *_part("Over", over, in_full=False),
            f"Open now: {still_open}. `joinedup alerts list` shows them; docs/how-to/get-alerts.md explains them.",
            "",
        ]
    )
    identity = hashlib.sha256("".join(event.model_dump_json() for event in events).encode()).hexdigest()[:32]
    facts: dict[str, object] = {
        "id": identity,
        "area": area,
        "subject": subject,
        "text": text,
        "open": still_open,
        "begun": [cause.model_dump(mode="json") for cause in begun],
        "over": [cause.model_dump(mode="json") for cause in over],
    }
    return Message(identity, subject, text, facts)


def trial(area: str) -> Message:
    """Return a message that only shows that a channel works."""
    subject = f"Joined Up, {area}: trial message"
    text = "This is a trial. Nothing is wrong, and alerts will arrive here.\n"
    facts: dict[str, object] = {"id": "trial", "area": area, "subject": subject, "text": text}
    return Message("trial", subject, text, facts)


def line(cause: Cause) -> str:
    """Return a cause in one line."""
    return f"{KINDS[cause.kind]}: {cause.place}. {cause.what}"


def _only(begun: Sequence[Cause], over: Sequence[Cause]) -> str:
    """Return what the subject says of a message about one cause alone."""
    if len(begun) + len(over) != 1:
        return ""
    cause = (*begun, *over)[0]
    return f"{KINDS[cause.kind].lower()}: {cause.place}{'' if begun else ' (over)'}"


def _part(heading: str, causes: Sequence[Cause], *, in_full: bool) -> list[str]:
    if not causes:
        return []
    lines = [heading.upper(), ""]
    for cause in causes[:MOST_TOLD]:
        lines.append(f"* {line(cause)}")
        if in_full:
            lines += [f"  Where: {cause.where}", f"  To do: {cause.mend}"]
        lines.append(f"  Since: {cause.since.day} {cause.since:%B %Y}")
    if len(causes) > MOST_TOLD:
        lines.append(f"* and {len(causes) - MOST_TOLD} more")
    return [*lines, ""]
