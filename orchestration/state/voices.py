"""Lived experience: what somebody said or an observer saw, under a consent, at a step of a journey.

A withdrawal removes the words and the source for good; the consent reference stays, so that nobody records them again.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, select, text, update

from orchestration.state import tables
from orchestration.state.store import Store
from orchestration.state.text_checks import TextError, checked_texts

KINDS = ("quote", "observation")


@dataclass(frozen=True, slots=True)
class NewVoice:
    """A quote or observation as somebody writes it down. `step` is a theme of services, `persona` may be left out."""

    kind: str
    words: str
    consent_reference: str
    step: str
    source: str
    heard_on: date
    persona: str | None = None


@dataclass(frozen=True, slots=True)
class Voice:
    """A note as it is kept; without words once it was withdrawn."""

    voice_id: str
    kind: str
    words: str | None
    consent_reference: str
    step: str
    persona: str | None
    source: str | None
    heard_on: date
    withdrawn_on: date | None


def add_voice(store: Store, new: NewVoice, *, steps: Collection[str], personas: Collection[str]) -> str:
    """Keep a note and return its id; raise TextError and keep nothing. `steps` and `personas` are the area's."""
    if not new.consent_reference.strip():
        raise TextError("A note needs a consent reference: the number under which the consent itself is kept.")
    texts = checked_texts({"words": new.words, "source": new.source})
    consent = " ".join(new.consent_reference.split())
    if len(consent) > 80:
        raise TextError("A consent reference has at most 80 characters: it is a number, not the consent itself.")
    if new.kind not in KINDS:
        raise TextError(f"A note is one of {', '.join(KINDS)}.")
    if new.step not in steps:
        raise TextError(f"There is no step of that name: this area has {', '.join(sorted(steps))}.")
    if new.persona is not None and new.persona not in personas:
        raise TextError(f"There is no persona of that name: this area has {', '.join(sorted(personas))}.")
    voice_id = f"v-{new.heard_on:%Y%m%d}-{secrets.token_hex(3)}"
    with store.begin() as connection:
        gone = select(tables.voice.c.voice_id).where(
            tables.voice.c.consent_reference == consent, tables.voice.c.withdrawn_on.is_not(None)
        )
        if connection.execute(gone).first() is not None:
            raise TextError("This consent was withdrawn: nothing is recorded under it again.")
        connection.execute(
            insert(tables.voice).values(
                voice_id=voice_id,
                kind=new.kind,
                words=texts["words"],
                consent_reference=consent,
                step=new.step,
                persona=new.persona,
                source=texts["source"],
                heard_on=new.heard_on,
            )
        )
    return voice_id


def read_voices(store: Store, *, persona: str | None = None, is_everything: bool = False) -> list[Voice]:
    """Return the notes that may be shown, newest first; of one persona if named; withdrawn ones only on request."""
    asked = select(tables.voice).order_by(tables.voice.c.heard_on.desc(), tables.voice.c.voice_id)
    if persona is not None:
        asked = asked.where(tables.voice.c.persona == persona)
    if not is_everything:
        asked = asked.where(tables.voice.c.withdrawn_on.is_(None))
    with store.begin() as connection:
        rows: list[Any] = list(connection.execute(asked).mappings())
    return [Voice(**row) for row in rows]


def withdraw_voice(store: Store, voice_id: str, *, on: date) -> bool:
    """Remove a note's words and source for good; return False where it was withdrawn before. Raise TextError if none.

    SQLite overwrites what is removed; PostgreSQL is told to give its room free at once.
    """
    table = tables.voice
    with store.begin() as connection:
        held = connection.execute(select(table.c.withdrawn_on).where(table.c.voice_id == voice_id)).first()
        if held is None:
            raise TextError("There is no note of that id: `joinedup voices list` shows them.")
        if held[0] is not None:
            return False
        connection.execute(
            update(table).where(table.c.voice_id == voice_id).values(words=None, source=None, withdrawn_on=on)
        )
    with store.outside_transaction() as connection:
        connection.execute(text("vacuum" if store.is_file else "vacuum full voice"))
    return True
