"""Findings of the page 'Who uses services'."""

from collections.abc import Sequence

from dashboards.figures.numbers import in_sentence, listed, rate_text, share, share_text, times_text
from dashboards.findings.comparing import Rate, clearly_higher, leaders, ranked, visible
from orchestration.release.comparison import compare


def lede(total: int | None, *, whom: str, used: str, during: str, population: float | None) -> str:
    """Say how many different people used services, and out of how many residents."""
    if total is None:
        return f"Too few people{whom} {used} in {during} to publish how many."
    rate = f", about {share_text(total, population)} of residents" if population else ""
    return f"{total:,} different people{whom} {used} in {during}{rate}."


def by_use(pairs: Sequence[tuple[str, int | None]], total: int | None, *, noun: str) -> str:
    """Say which theme or service reaches most people; published counts too close to tell apart are named together."""
    shown = visible(ranked(pairs))
    if not shown:
        return f"No {noun} reaches enough people to be shown"
    label, people = shown[0]
    first = leaders(shown)
    if 1 < len(first) <= 3:
        return f"{listed([name for name, _ in first])} reach most people: about {people:,} each"
    if len(first) > 3:
        return f"{len(first)} {noun}s reach about as many people as one another: {people:,} or a few fewer"
    part = "" if share(people, total) is None else f", {share_text(people, total)} of those counted"
    return f"{label} reaches most people: {people:,}{part}"


def by_count(pairs: Sequence[tuple[str, int | None]], *, noun: str) -> str:
    """Say which group has most people; without a population nothing can be said about how likely use is."""
    first = leaders(visible(ranked(pairs))) if visible(pairs) else []
    if not first:
        return f"Too few people by {noun} to be shown"
    if len(first) > 2:
        return f"No {noun} stands out by its number of people: {first[0][1]:,} or a few fewer"
    about = "about " if len(first) > 1 else ""
    return f"Most people by {noun}: {listed([label for label, _ in first])}, {about}{first[0][1]:,}"


def by_age(rates: Sequence[Rate]) -> str:
    """Say in which age band use is highest, and which bands cannot be told from it."""
    shown = [rate for rate in rates if rate.value is not None]
    if not shown:
        return "Too few people in each age band to be shown"
    top = max(shown, key=lambda rate: rate.value or 0)
    sentence = f"Use is highest at ages {top.label}: {rate_text(top.value)} in every 1,000 residents"
    rest = [rate for rate in shown if rate is not top]
    if rest and not all(clearly_higher(top, rate) for rate in rest):
        near = [rate.label for rate in rest if not clearly_higher(top, rate)]
        sentence += f", not clearly above {listed(near) if len(near) <= 2 else f'{len(near)} other age bands'}"
    return sentence


def by_deprivation(rates: Sequence[Rate]) -> str:
    """Compare use in the most and the least deprived fifth; rates in order, most deprived first."""
    first, last = rates[0], rates[-1]
    if first.value is None or not last.value:
        return "The most and least deprived fifths cannot be compared: one is hidden or has no population"
    if clearly_higher(first, last):
        return (
            "People in the most deprived fifth are "
            f"{times_text(first.value / last.value)} as likely to use a service as those in the least "
            "deprived"
        )
    if clearly_higher(last, first):
        return (
            "People in the least deprived fifth are "
            f"{times_text(last.value / first.value)} as likely to use a service as those in the most "
            "deprived"
        )
    return "No clear difference in use between the most and the least deprived fifths"


def by_ethnic_group(pairs: Sequence[tuple[str, int | None]], unknown: int | None, total: int | None) -> str:
    """Say how far ethnic group is known, which decides what the rest is worth, then the largest group."""
    known_part = share(unknown, total)
    shown = visible(ranked(pairs))
    if not shown:
        return "Too few people in each ethnic group to be shown"
    label, people = shown[0]
    largest = f"{label} is the largest group, {share_text(people, total)} of people"
    if known_part is None:
        return largest
    return f"{largest}; ethnic group is not known for {share_text(unknown, total)}"


def by_area(rates: Sequence[Rate], whole: float | None) -> str:
    """Say which neighbourhoods lie clearly above and below everywhere together: whose interval does not touch it."""
    known = [rate for rate in rates if rate.interval is not None]
    if len(known) < 2 or whole is None:
        return "Too few neighbourhoods can be shown to compare them"
    above = sorted((r for r in known if r.interval and r.interval[0] > whole), key=lambda r: -(r.value or 0))
    below = sorted((r for r in known if r.interval and r.interval[1] < whole), key=lambda r: r.value or 0)
    if not above and not below:
        return "No neighbourhood differs clearly from the area as a whole"
    parts = [f"clearly higher in {_few(above)}"] if above else []
    parts += [f"clearly lower in {_few(below)}"] if below else []
    return f"Use is {' and '.join(parts)} than in the area as a whole"


def _few(rates: Sequence[Rate], most: int = 2) -> str:
    names = [rate.label for rate in rates[:most]]
    more = len(rates) - most
    return listed(names) if more <= 0 else f"{', '.join(names)} and {more} other{'s' if more > 1 else ''}"


def over_time(values: Sequence[tuple[str, int | None]]) -> str:
    """Say how the mean of the last three months compares with the same three months a year before.

    Like months are compared, because use has seasons and the first months of any data are incomplete.
    """
    last, before = values[-3:], values[-15:-12]
    if len(before) < 3 or any(value is None for _, value in (*last, *before)):
        return "Too few months can be shown to compare with the year before"
    recent = sum(value or 0 for _, value in last) / 3
    earlier = sum(value or 0 for _, value in before) / 3
    change = compare(round(earlier), round(recent))
    if not change.is_clear:
        return f"About {round(recent, -1):,.0f} people a month, no clear change on a year before"
    return (
        f"About {round(recent, -1):,.0f} people a month, "
        f"{'up' if recent > earlier else 'down'} {abs(change.share or 0):.0%} on a year before"
    )


def whom_words(group: str | None, area: str | None) -> str:
    """Say whom the filters leave, after 'people': ', aged 16 to 24, living in Northgate,'; empty for everyone."""
    parts = [*([group] if group else []), *([f"living in {area}"] if area else [])]
    return f", {', '.join(parts)}," if parts else ""


def used_words(use: str | None) -> str:
    """Say what they used."""
    return f"used {in_sentence(use)}" if use else "used at least one service"
