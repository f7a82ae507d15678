"""Notes whose consent was withdrawn, as marks of their ids: kept with the other lists, which a restore takes over."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from orchestration.rights.marks import add_to_list, read_list, token_marks
from orchestration.settings import Settings

VOICES = "voices"


def note_withdrawn(settings: Settings, voice_id: str, *, on: date) -> None:
    """Write down that a note is withdrawn, so that no older backup brings its words back."""
    marks = token_marks(settings, pl.Series("token", [voice_id]))
    add_to_list(settings, VOICES, tokens=marks, request="withdrawn", since=on)


def withdrawn_voices(settings: Settings, ids: Sequence[str]) -> dict[str, date]:
    """Return which of these notes are withdrawn, and since when."""
    listed = read_list(settings, VOICES)
    if listed.is_empty() or not ids:
        return {}
    marks = token_marks(settings, pl.Series("token", list(ids)))
    found = pl.DataFrame({"voice_id": list(ids), "mark": marks}).join(listed, on="mark").select("voice_id", "since")
    return {str(voice_id): since for voice_id, since in found.iter_rows()}
