"""Light and dark chart layouts from the one palette, and text colours that can be read on any cell.

What belongs here: turning orchestration.release.palette into Plotly's words. What does not: colours of
its own for data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from orchestration.release import palette
from orchestration.release.palette import Scheme, ink_on

__all__ = ["Colours", "Scheme", "colours", "ink_on", "layout", "mix", "translucent"]

FONT = "Inter, 'Helvetica Neue', Arial, sans-serif"
ColourScale = list[tuple[float, str]]
# Text and lines around the data; on white and on the dark card muted text is at least 7:1.
MUTED: dict[Scheme, str] = {"light": "#484C50", "dark": "#B8C0CC"}
LINE: dict[Scheme, str] = {"light": "#D8DDE4", "dark": "#3B4250"}
FAINT: dict[Scheme, str] = {"light": "#C9CED6", "dark": "#4A5363"}


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of one scheme.

    `bar` is for what the finding names, `mid` for bars that carry intervals, `rest` for context, `faint` for absence.
    """

    ink: str
    muted: str
    line: str
    faint: str
    card: str
    bar: str
    mid: str
    rest: str
    pair: tuple[str, str]
    categorical: tuple[str, ...]
    sequential: ColourScale


def colours(scheme: Scheme) -> Colours:
    """Return the colours of a scheme."""
    stops = palette.SEQUENTIAL[scheme][:5]  # the sixth is so near ink that neighbours cannot be told apart
    return Colours(
        ink=palette.INK[scheme],
        muted=MUTED[scheme],
        line=LINE[scheme],
        faint=FAINT[scheme],
        card=palette.CARD[scheme],
        bar=palette.FOCUS[scheme][0],
        mid=palette.SEQUENTIAL["light"][3],  # 5:1 on white, 3.1:1 on the dark card, and its intervals can be read on it
        rest=palette.FOCUS[scheme][1],
        pair=palette.DUO[scheme],
        categorical=palette.CATEGORICAL[scheme],
        sequential=[(place / (len(stops) - 1), colour) for place, colour in enumerate(stops)],
    )


def layout(scheme: Scheme, *, height: int, form: str = "") -> dict[str, Any]:
    """Return the layout every chart starts from: transparent ground, quiet axes, no title (the frame holds it).

    `form` is the kind of chart, a key of `figures.forms.HOW_TO_READ`, from which the frame explains it.
    """
    found = colours(scheme)
    axis = {
        "gridcolor": found.line,
        "zeroline": False,
        "automargin": True,
        "linecolor": found.line,
        "tickfont": {"size": 13, "color": found.ink},
        "title": {"font": {"size": 13, "color": found.muted}},
    }
    return {
        "template": "none",
        "meta": {"form": form},
        "height": height,
        "autosize": True,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 13, "color": found.ink},
        "hoverlabel": {"font": {"family": FONT, "size": 13}, "align": "left"},
        "hovermode": "closest",
        "showlegend": False,
        "dragmode": False,
        "xaxis": axis,
        "yaxis": axis | {"ticklabelstandoff": 7},
        "uirevision": "keep",
    }


def mix(scale: Sequence[tuple[float, str]], place: float) -> str:
    """Return the colour at a place (0-1) of a scale, as Plotly interpolates it, to choose a text colour for it."""
    place = min(max(place, 0.0), 1.0)
    for (start, one), (end, other) in pairwise(scale):
        if place <= end:
            part = (place - start) / (end - start)
            pairs = zip(_channels(one), _channels(other), strict=True)
            return "#" + "".join(f"{round(a + (b - a) * part):02X}" for a, b in pairs)
    return scale[-1][1]


def translucent(colour: str, opacity: float) -> str:
    """Return a #RRGGBB colour with an opacity."""
    red, green, blue = _channels(colour)
    return f"rgba({red},{green},{blue},{opacity})"


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
