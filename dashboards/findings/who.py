"""Findings of the page 'Who uses services'."""

from collections.abc import Sequence

from dashboards.figures.numbers import in_sentence, listed, rate_text, share, share_text, times_text
from dashboards.findings.comparing import Rate, clearly_higher, ranked, visible


def lede(total: int | None, *, scope: str, period: str, population: float | None) -> str:
    """Say how many different people used services, and out of how many residents."""
    if total is None:
        return f"Too few people {scope} in {period} to publish how many."
    rate = f", about {share_text(total, population)} of residents" if population else ""
    return f"{total:,} different people {scope} in {period}{rate}."


def by_use(pairs: Sequence[tuple[str, int | None]], total: int | None, *, noun: str) -> str:
    """Say which theme or service reaches most people."""
    shown = visible(ranked(pairs))
    if not shown:
        return f"No {noun} reaches enough people to be shown"
    label, people = shown[0]
    part = share(people, total)
    reach = f"{people:,} people" if part is None else f"{people:,} people, {share_text(people, total)} of those counted"
    if len(shown) == 1:
        return f"{label} is the only {noun} that can be shown: {reach}"
    return f"{label} reaches most people: {reach}"


def by_age(rates: Sequence[Rate], *, by_sex: dict[str, Sequence[Rate]] | None = None) -> str:
    """Say in which age band use is highest, and whether women or men use more where that is clear."""
    shown = [rate for rate in rates if rate.value is not None]
    if not shown:
        return "Too few people in each age band to be shown"
    top = max(shown, key=lambda rate: rate.value or 0)
    sentence = f"Use is highest at ages {top.label}: {rate_text(top.value)} in every 1,000 residents"
    rest = [rate for rate in shown if rate is not top]
    if rest and not all(clearly_higher(top, rate) for rate in rest):
        near = [rate.label for rate in rest if not clearly_higher(top, rate)]
        sentence += f", not clearly above {listed(near[:2])}"
    return sentence


def by_deprivation(rates: Sequence[Rate]) -> str:
    """Say how use in the most deprived fifth compares with the least deprived fifth; rates in order, most deprived first."""
    first, last = rates[0], rates[-1]
    if first.value is None or not last.value:
        return "The most and least deprived fifths cannot be compared: one is hidden or has no population"
    if clearly_higher(first, last):
        return f"People in the most deprived fifth are {times_text(first.value / last.value)} as likely to use a service as those in the least deprived"
    if clearly_higher(last, first):
        return f"People in the least deprived fifth are {times_text(last.value / first.value)} as likely to use a service as those in the most deprived"
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


def by_area(rates: Sequence[Rate]) -> str:
    """Say which neighbourhood has the highest rate, or that several cannot be told apart."""
    shown = sorted((rate for rate in rates if rate.value is not None), key=lambda rate: -(rate.value or 0))
    if len(shown) < 2:
        return "Too few neighbourhoods can be shown to compare them"
    top, last = shown[0], shown[-1]
    level = [rate.label for rate in shown if not clearly_higher(top, rate)]
    if len(level) == len(shown):
        return "No clear difference in use between neighbourhoods"
    head = f"{top.label} has" if len(level) == 1 else f"{listed(level)} have" if len(level) <= 3 else f"{len(level)} neighbourhoods share"
    ratio = f", {times_text(top.value / last.value)} that of {last.label}" if top.value and last.value else ""
    return f"{head} the highest use: {'' if len(level) == 1 else 'up to '}{rate_text(top.value)} in every 1,000 residents{ratio}"


def over_time(values: Sequence[tuple[str, int | None]]) -> str:
    """Say whether the number of people a month rose or fell: the mean of the last three months against the first three."""
    shown = [(label, value) for label, value in values if value is not None]
    if len(shown) < 6:
        return "Too few months can be shown to tell a trend"
    first = sum(value for _, value in shown[:3]) / 3
    last = sum(value for _, value in shown[-3:]) / 3
    change = (last - first) / first
    if abs(change) < 0.03:
        return f"About {round(last, -1):,.0f} people a month, level since {shown[0][0]}"
    word = "up" if change > 0 else "down"
    return f"About {round(last, -1):,.0f} people a month lately, {word} {abs(change):.0%} since {shown[0][0]}"


def scope_words(use: str | None, group: str | None, area: str | None) -> str:
    """Say in words what the filters leave: 'used debt advice, aged 16 to 24, in Northgate'."""
    parts = [f"used {in_sentence(use)}" if use else "used at least one service"]
    parts += [group] if group else []
    parts += [f"living in {area}"] if area else []
    return ", ".join(parts)
