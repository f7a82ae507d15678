"""Reviews: a decision's measure as shown then beside the same measure now, both protected, with what noise allows.

The gate is asked anew each time. What it does not grant now is not shown from then either: an agreement may have ended.
A difference that noise or chance could make is said to be one; nothing here says why a figure moved.
"""

from dataclasses import dataclass, replace

from orchestration.release import Gate, NotPermitted, ProtectedTable, Refused, Request
from orchestration.release.comparison import Change, compare
from orchestration.release.lattice import period_level
from orchestration.state.decisions import Decision
from orchestration.state.views import Figures, SavedView

NOISE_TOLD = "moved less than the noise"
WHOLE = "In all"


@dataclass(frozen=True, slots=True)
class Line:
    """One figure then and now, and the difference in words."""

    label: str
    then: int | None
    now: int | None
    words: str
    change: Change


@dataclass(frozen=True, slots=True)
class Comparison:
    """One saved view then and now. `note` says what keeps the two from being compared, where something does."""

    view: SavedView
    measure: str
    then_period: str
    now_period: str
    now_snapshot: str
    lines: tuple[Line, ...]
    note: str = ""
    verdict: str = ""


def compare_decision(gate: Gate, decision: Decision, *, who: str = "review") -> list[Comparison]:
    """Return each view of a decision then and now, through the gate."""
    return [compare_view(gate, view, direction=decision.expected_direction, who=who) for view in decision.views]


def compare_view(gate: Gate, view: SavedView, *, direction: str | None = None, who: str = "review") -> Comparison:
    """Return one view then and now: now is the newest period as long as the one asked for then."""
    asked = view.request
    catalogue = gate.catalogue()
    labels = {entry.code: entry.label for entry in catalogue.periods}
    now = replace(asked, period=_newest(gate, asked))
    told = Comparison(
        view,
        catalogue.measures[asked.measure].label,
        labels.get(asked.period, asked.period),
        labels.get(now.period, now.period),
        catalogue.snapshot_id,
        (),
    )
    try:
        gate.answer(asked, who=who)  # may what was shown then still be shown?
    except NotPermitted as refusal:
        return replace(told, note=f"Neither figure is shown: {refusal.reason}")
    except Refused:
        pass  # the period of then may have left the data; its figures were published and stay so
    try:
        table = gate.answer(now, who=who)
    except NotPermitted as refusal:
        return replace(told, note=f"Neither figure is shown: {refusal.reason}")
    except Refused as refusal:
        return replace(told, lines=_lines(view.figures, None), note=f"There is no figure now: {refusal.reason}")
    if _is_partly_withheld(gate, table):
        return replace(told, note="Neither figure is shown: a part of what this counts is withheld now.")
    if asked.rule.sums:
        note = "This is a sum, whose noise cannot be told from it: the two figures stand beside each other unjudged."
        return replace(told, lines=_unjudged(view.figures, Figures.of(table)), note=note)
    lines = _lines(view.figures, Figures.of(table))
    note = "No newer period is published yet: then and now are the same months." if now.period == asked.period else ""
    return replace(told, lines=lines, note=note, verdict=_verdict(lines, direction))


def _words(change: Change) -> str:
    if change.now is None and change.before is None:
        return "hidden both times: too few people to show"
    if change.now is None:
        return "hidden now: too few people to show"
    if change.before is None:
        return "hidden then: nothing to compare with"
    if change.before == 0 or change.direction == "unknown":
        return "cannot be compared"
    if change.direction == "level":
        return NOISE_TOLD
    step = change.now - change.before
    return f"{'up' if step > 0 else 'down'} by about {abs(step):,}, more than noise and chance alone would move it"


def _line(label: str, then: int | None, now: int | None) -> Line:
    change = compare(then, now)
    return Line(label, then, now, _words(change), change)


def _lines(then: Figures, now: Figures | None) -> tuple[Line, ...]:
    after = now or Figures({}, {}, None)
    lines = [
        _line(then.labels.get(code) or WHOLE, figure, after.rows.get(code))
        for code, figure in then.rows.items()
        if code in after.rows or now is None or figure is not None
    ]
    if then.total is not None and set(then.rows) != {""}:
        lines.insert(0, _line(WHOLE, then.total, after.total))
    return tuple(lines)


def _unjudged(then: Figures, now: Figures) -> tuple[Line, ...]:
    return tuple(replace(line, words="not judged") for line in _lines(then, now))


def _verdict(lines: tuple[Line, ...], direction: str | None) -> str:
    """Say whether the first figure moved as was expected; nothing where no direction was."""
    if direction is None or not lines:
        return ""
    found = lines[0].change.direction
    if found == "unknown":
        return f"Expected {direction}; the figures cannot tell."
    if found == direction:
        return f"Expected {direction}, and so it is. What caused it cannot be told from these figures."
    if found == "level":
        return f"Expected {direction}; it {NOISE_TOLD}."
    return f"Expected {direction}; it went {found}."


def _newest(gate: Gate, asked: Request) -> str:
    level = period_level(asked.period)
    periods = gate.catalogue().periods_of(level)
    return periods[-1].code if periods else asked.period


def _is_partly_withheld(gate: Gate, table: ProtectedTable) -> bool:
    """Whether agreements hide a part of the answer: what was shown then of that part must not be shown either."""
    return bool(gate.withheld()) and (table.hidden_cells > 0 or table.total is None)
