"""Sentences made from published figures: what stands out, said with its doubt, never as a cause.

What belongs here: choosing and wording findings. What does not: asking for figures, drawing them. A sentence is left
out rather than weakened when its figure is hidden or its lead is within the noise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from orchestration.release.comparison import NOISE, compare, listing, out_of, percent, share_of
from orchestration.reports.desk import Code
from orchestration.reports.measures import EDGES, Figures

Label = Callable[[str], str]


@dataclass(frozen=True)
class Finding:
    """One finding: the claim in a few words, and the figures and doubts behind it."""

    claim: str
    behind: str


def findings(figures: Figures, *, theme: Label, missing: list[str]) -> list[Finding]:
    """Return up to four findings, most important first; `missing` names partners whose data are not in it."""
    found = [people(figures, missing=missing), several(figures), pair(figures, theme=theme), door(figures, theme=theme)]
    return [finding for finding in found if finding is not None]


def people(figures: Figures, *, missing: list[str]) -> Finding | None:
    """Say whether more or fewer people used services than in the period before."""
    headline = figures.headline("people")
    if headline.now is None:
        return None
    lacking = f" Data of {listing(missing)} are not in it, so the true number may be higher." if missing else ""
    if figures.previous is None or headline.before is None:
        return Finding(
            f"{headline.now:,} people used a service.", f"There is no earlier period to compare with.{lacking}"
        )
    change = compare(headline.before, headline.now)
    claim = {
        "up": f"More people used services: up {percent(abs(change.share or 0))}.",
        "down": f"Fewer people used services: down {percent(abs(change.share or 0))}.",
    }.get(change.direction, "About as many people used services as in the year before.")
    if figures.period.level != "year":
        claim = claim.replace("in the year before", "in the period before")
    doubt = "" if change.direction == "level" else " Partners that begin or stop sending data also move this figure."
    return Finding(
        claim,
        f"{headline.now:,} people, against {headline.before:,} in the {when(figures.previous.label)}.{doubt}{lacking}",
    )


def several(figures: Figures) -> Finding | None:
    """Say how many people used several services in the period, and on one day."""
    everyone, two = figures.headline("people").now, figures.headline("several")
    share = share_of(two.now, everyone)
    if share is None or two.now is None or everyone is None:
        return None
    parts = [f"{two.now:,} of {everyone:,} people."]
    four, at_once = figures.headline("most").now, figures.headline("most_at_once").now
    if four is not None:
        parts.append(f"{four:,} used four or more in the period.")
    if at_once is not None:
        parts.append(f"{at_once:,} had four or more on the same day.")
    parts.append("Missed links make these figures too low.")
    if not two.whole:
        parts.insert(1, "A part is hidden, so read “at least”.")
    return Finding(f"{out_of(share).capitalize()} people used two or more services.", " ".join(parts))


def pair(figures: Figures, *, theme: Label) -> Finding | None:
    """Name the pair of themes that most people used both of."""
    ranked = ranked_pairs(figures.pairs)
    if not ranked:
        return None
    (one, other), most = ranked[0]
    close = [names for names, value in ranked[1:3] if most - value <= NOISE]
    if close:
        claim = f"One of the commonest pairs of themes is {lower(theme(one))} with {lower(theme(other))}."
    else:
        claim = f"The commonest pair of themes is {lower(theme(one))} with {lower(theme(other))}."
    behind = [f"{most:,} people used both"]
    users = {code: figures.themes.get((code,)) for code in (one, other)}
    smaller = min((code for code in users if users[code]), key=lambda code: users[code] or 0, default=None)
    if smaller is not None and (share := share_of(most, users[smaller])) is not None and share < 1:
        behind.append(f", {percent(share)} of those who used {lower(theme(smaller))}")
    behind.append(". This shows shared use, not why, and larger themes overlap more than small ones.")
    return Finding(claim, "".join(behind))


def door(figures: Figures, *, theme: Label) -> Finding | None:
    """Name the theme in which most people used their first service, and the commonest move between themes."""
    first = sorted(
        ((value, code) for (code,), value in figures.entries.items() if value is not None and code not in EDGES),
        reverse=True,
    )
    moves = ranked_moves(figures.moves)
    parts = []
    if moves:
        (start, end), count = moves[0]
        parts.append(
            f"The commonest move to another theme is from {lower(theme(start))} to {lower(theme(end))}: {count:,} "
            "people. That is an order in time, not a referral or a cause."
        )
    if not first:
        return Finding("People move between themes.", " ".join(parts)) if parts else None
    count, code = first[0]
    tied = len(first) > 1 and count - first[1][0] <= NOISE
    claim = f"{theme(code)} is {'one of the commonest first doors' if tied else 'the commonest first door'}."
    whole = f"{count:,} of {figures.entering:,}" if figures.entering else f"{count:,}"
    return Finding(claim, " ".join([f"{whole} people whose first use fell in the period began there.", *parts]))


def ranked_pairs(pairs: Mapping[Code, int | None]) -> list[tuple[tuple[str, str], int]]:
    """Return published pairs of two different themes, each once, largest first."""
    once: dict[tuple[str, str], int] = {}
    for (one, other), value in pairs.items():
        if one != other and value is not None and not EDGES & {one, other}:
            once[min(one, other), max(one, other)] = value
    return sorted(once.items(), key=lambda item: (-item[1], item[0]))


def ranked_moves(moves: Mapping[Code, int | None]) -> list[tuple[tuple[str, str], int]]:
    """Return published moves between two different themes, largest first; starts and ends are left out."""
    shown = [
        ((start, end), value)
        for (start, end), value in moves.items()
        if value is not None and start != end and not EDGES & {start, end}
    ]
    return sorted(shown, key=lambda item: (-item[1], item[0]))


def when(label: str) -> str:
    """Return a period's label as it reads in a sentence: '12 months to September 2026', 'January to March 2026'."""
    return label[:1].lower() + label[1:] if label[:2].isdigit() else label


def lower(name: str) -> str:
    """Return a theme's name for the middle of a sentence; an abbreviation keeps its capitals."""
    return name if name[:2].isupper() else name[:1].lower() + name[1:]
