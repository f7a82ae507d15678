"""What people told, beside the numbers: quotes and observations, each with its source. No figure is in here."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from dashboards.components.dates import day
from orchestration.state import Voice

MOST_SHOWN = 6


def voices_list(voices: Sequence[Voice], steps: Mapping[str, str], *, heading: Any = None) -> html.Section | None:
    """Lay notes out, the newest first; nothing where there are none. `steps` names each step of a journey."""
    told = [one for one in voices if one.words][:MOST_SHOWN]
    if not told:
        return None
    more = len(voices) - len(told)
    foot = html.P(f"and {more} more: `joinedup voices list` shows them.") if more > 0 else None
    return html.Section([heading, *[_note(one, steps) for one in told], foot], className="voices")


def _note(voice: Voice, steps: Mapping[str, str]) -> html.Figure:
    body = html.Blockquote(html.P(voice.words)) if voice.kind == "quote" else html.P(["Observed: ", voice.words])
    told = f"{steps.get(voice.step, voice.step)}. {voice.source}, {day(voice.heard_on)}. Shown with consent."
    return html.Figure([body, html.Figcaption(told)], className="voice-note")
