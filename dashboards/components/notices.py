"""What a page says when it cannot show what was asked, and small signs of state."""

from typing import Any, Literal

from dash import dcc, html

from orchestration.release import NotPermitted, Refused

Tone = Literal["good", "warn", "bad", "plain"]


def notice(title: str, *body: Any, tone: Tone = "plain") -> html.Div:
    """Draw a notice with a heading; it is announced politely when it appears."""
    return html.Div([html.H2(title), *body], className=f"notice {tone}", role="status")


def refusal(refused: Refused, coarser_link: str | None = None) -> html.Div:
    """Draw the gate's refusal: why, what would be granted, and the coarser view as a link."""
    if isinstance(refused, NotPermitted):
        return notice("This may not be shown now", html.P(refused.reason), tone="warn")
    body: list[Any] = [
        html.P(refused.reason),
        html.P("Small groups could be recognised, so the release gate answers a coarser question instead."),
    ]
    if coarser_link:
        body.append(html.P(dcc.Link("Show the coarser view", href=coarser_link)))
    elif refused.allowed:
        body.append(html.P(f"What can be asked: {', '.join(refused.allowed[:12])}."))
    return notice("This view is too detailed to publish", *body, tone="warn")


def tag(text: str, tone: Tone) -> html.Span:
    """Draw a word of state; the word carries the meaning, the colour only helps."""
    return html.Span(text, className=f"tag {tone}")
