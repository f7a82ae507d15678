"""The look of the shell: the Mantine theme and the page's HTML skeleton.

What belongs here: settings of Mantine and of the document around the app. What does not: colours of charts
(orchestration.release.palette, figures.template) and surfaces (assets/app.css).
"""

from typing import Any

FONT = "Inter, 'Helvetica Neue', Arial, sans-serif"

# Ten shades, light to dark. White text passes WCAG AA on shade 8 (light scheme) and shade 5 (dark scheme); Mantine
# works out autoContrast from the light shade alone, so the dark one must pass by itself.
NAVY = [
    "#eaf2fa",
    "#cfe1f3",
    "#9dc3e6",
    "#68a3d8",
    "#3f88cc",
    "#2577c4",
    "#1d66ad",
    "#18558f",
    "#12436D",
    "#092135",
]

THEME: dict[str, Any] = {
    "colors": {"navy": NAVY},
    "primaryColor": "navy",
    "primaryShade": {"light": 8, "dark": 5},
    "autoContrast": True,
    "luminanceThreshold": 0.18,  # above this black text is the one that passes
    "fontFamily": FONT,
    "headings": {"fontFamily": FONT, "fontWeight": "700"},
    "defaultRadius": "sm",
    "cursorType": "pointer",
    "respectReducedMotion": True,
}

INDEX_HTML = """<!DOCTYPE html>
<html lang="en-GB">
<head>
{%metas%}
<title>{%title%}</title>
<link rel="icon" type="image/svg+xml" href="/assets/logo.svg">
{%css%}
</head>
<body>
<a class="skip" href="#main">Skip to main content</a>
<div class="skeleton" aria-hidden="true"><i></i><i></i><i></i><i></i><i></i><i></i><i></i></div>
{%app_entry%}
<noscript>Joined Up needs JavaScript to draw its charts.</noscript>
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""
