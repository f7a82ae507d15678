"""The colours of charts, light and dark (UK Analysis Function palettes, as `afcharts` 1.2.0 has them).

Measured contrasts: on white every categorical colour is at least 3:1 with the page; on the dark card (#1e232b) the
light set would fall to 1.5:1, so dark has its own.
"""

from typing import Literal

Scheme = Literal["light", "dark"]

CATEGORICAL: dict[Scheme, tuple[str, ...]] = {
    "light": ("#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1"),
    "dark": ("#6BACE6", "#5FD0C5", "#E58BB8", "#F89B6C", "#D0D4DA", "#C3B0EA"),
}
DUO: dict[Scheme, tuple[str, str]] = {"light": ("#12436D", "#F46A25"), "dark": ("#6BACE6", "#F89B6C")}
# Context grey: #BFBFBF is only 1.8:1 on white and needs a direct label; #8A94A0 is 3.08:1.
FOCUS: dict[Scheme, tuple[str, str]] = {"light": ("#12436D", "#8A94A0"), "dark": ("#6BACE6", "#8A94A0")}
SEQUENTIAL: dict[Scheme, tuple[str, ...]] = {
    "light": ("#F2F2F2", "#ADD1F1", "#6BACE6", "#2073BC", "#12436D", "#092135"),
    "dark": ("#2A313C", "#12436D", "#2073BC", "#6BACE6", "#ADD1F1", "#F2F2F2"),
}
PAGE: dict[Scheme, str] = {"light": "#FFFFFF", "dark": "#14181F"}
CARD: dict[Scheme, str] = {"light": "#FFFFFF", "dark": "#1E232B"}
INK: dict[Scheme, str] = {"light": "#1A1A1A", "dark": "#E8EAED"}
HIDDEN: dict[Scheme, str] = {"light": "#F2F2F2", "dark": "#2A313C"}


def ink_on(colour: str) -> str:
    """Return black or white, whichever contrasts more with a #RRGGBB background (never below 4.58:1)."""
    luminance = _luminance(colour)
    return "#000000" if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) else "#FFFFFF"


def contrast(one: str, other: str) -> float:
    """Return the WCAG 2 contrast ratio of two #RRGGBB colours."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
