"""Findings of the page 'Flow and waits'."""

from collections.abc import Sequence

from dashboards.figures.funnel_plot import Place, outside
from dashboards.figures.numbers import in_sentence, listed, share_text
from dashboards.figures.steps import Curve
from dashboards.findings.comparing import NEAR

SOON = 28
"""Days within which a start is called soon: the waiting standard of community mental health."""


def lede(referred: int | None, curve: Curve | None, *, whom: str, during: str) -> str:
    """Say how many were referred and how soon they started."""
    if referred is None:
        return "Too few people were referred in this selection to say how long they waited."
    head = f"{referred:,} people{whom} were referred in {during}."
    soon = _at(curve, SOON)
    if soon is None or curve is None:
        return f"{head} Too much is hidden to say how soon they started."
    return f"{head} Of the referrals that have an end, {soon:.0%} led to a start within {SOON} days."


def waits(found: Sequence[tuple[str, int | None]], waiting: int | None) -> str:
    """Say which wait is commonest and how many still wait; `found` are the bands of those who started."""
    shown = [(label, value) for label, value in found if value is not None]
    if not shown:
        return "Too few people started to say how long they waited"
    label, people = max(shown, key=lambda pair: pair[1])
    still = f"; {waiting:,} are still waiting" if waiting else ""
    return f"The commonest wait is {in_sentence(label)}, {people:,} people{still}"


def sooner(curves: Sequence[Curve]) -> str:
    """Say which theme starts most and which fewest of its referrals soon."""
    known = sorted(((share, curve.label) for curve in curves if (share := _at(curve, SOON)) is not None), reverse=True)
    if not known:
        return f"Too much is hidden to compare starts within {SOON} days"
    if len(known) == 1 or known[0][0] - known[-1][0] < 0.05:
        return f"{known[0][1]}: {known[0][0]:.0%} of referrals led to a start within {SOON} days"
    return (
        f"{known[0][1]} starts {known[0][0]:.0%} of its referrals within {SOON} days, "
        f"{in_sentence(known[-1][1])} {known[-1][0]:.0%}"
    )


def path(referred: int | None, started: int | None, planned: int | None) -> str:
    """Say how many of those referred started, and of those how many finished as planned."""
    if referred is None or started is None:
        return "Too few people were referred to follow them"
    head = f"{share_text(started, referred)} of people referred started"
    return head if planned is None else f"{head}; {share_text(planned, started)} of those have finished as planned"


def endings(places: Sequence[Place], whole: float) -> str:
    """Say whose drop-out lies outside what chance would explain."""
    if not places:
        return "No service has enough endings to compare drop-out"
    far = outside(places, whole)
    if not far:
        return f"Drop-out is {whole:.0%} of endings, and no service differs from that by more than chance explains"
    names = [f"{place.label} ({place.share:.0%})" for place in far[:3]]
    if len(far) > len(names):
        names.append(f"{len(far) - len(names)} more")
    verb = "differs" if len(far) == 1 else "differ"
    return f"{listed(names)} {verb} from the {whole:.0%} of endings that are drop-outs by more than chance explains"


def balance(came: Sequence[int | None], went: Sequence[int | None]) -> str:
    """Say whether more people came than left, over the months in which both can be shown."""
    both = [(one, other) for one, other in zip(came, went, strict=True) if one is not None and other is not None]
    if not both:
        return "Too few people came and left each month to be shown"
    more = sum(one for one, _ in both) - sum(other for _, other in both)
    if abs(more) < NEAR * max(1, len(both) ** 0.5):
        return "About as many people came as left"
    return f"More people {'came than left' if more > 0 else 'left than came'}, month by month added up: {abs(more):,}"


def returns(curves: Sequence[Curve]) -> str:
    """Say how many came back, by how they left."""
    if not curves:
        return "Too few people left, or too short ago, to say who came back"
    told = [f"{share:.0%} of those who left {in_sentence(c.label)}" for c in curves if (share := c.shares[-1])]
    return f"Within {curves[0].days[-1]} days came back {listed(told)}"


def _at(curve: Curve | None, day: int) -> float | None:
    if curve is None:
        return None
    return next((share for at, share in zip(curve.days, curve.shares, strict=True) if at == day), None)
