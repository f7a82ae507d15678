"""The record of a campaign: JSON for programs, and a page that serves as the recorded motivated-intruder test."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from orchestration.redteam.campaign import Result
from orchestration.redteam.population import POLICY
from orchestration.redteam.trial import Trial
from orchestration.release.policy import Policy

JSON_NAME, PAGE_NAME = "red-team.json", "red-team.html"
FORMAT = 1
MEASURED = "none: the policy as measured"
HELD, LIMITED, BROKEN, TOOTHLESS = "held off", "held to a documented limit", "SUCCEEDED", "not valid"
UNTRIED = "not tried: too little is shown"


def verdict(result: Result) -> str:
    """Return in words what came of an attack; one that fails on a weak engine proves nothing about ours."""
    if not result.has_teeth:
        return TOOTHLESS
    if result.shows_too_little:
        return UNTRIED
    if not result.is_held_off:
        return BROKEN
    return LIMITED if result.attack.limits else HELD


def is_passed(results: Sequence[Result]) -> bool:
    """Return whether ours met every criterion and every attack proved itself; no attack at all passes nothing.

    A policy under which too little is shown for an attack is held, as long as another attack could be tried.
    """
    verdicts = {verdict(result) for result in results}
    return bool(verdicts & {HELD, LIMITED}) and not verdicts & {BROKEN, TOOTHLESS}


def as_record(
    results: Sequence[Result], *, scale: int, made_on: date, policy: Policy = POLICY, area: str = MEASURED
) -> dict[str, object]:
    """Return the record of a campaign, ready for JSON."""
    return {
        "format": FORMAT,
        "made_on": made_on.isoformat(),
        "scale": scale,
        "area": area,
        "policy": policy.name,
        "threshold": policy.threshold,
        "sensitive_threshold": policy.sensitive_threshold,
        "rounding_base": policy.rounding_base,
        "looser_than_measured": list(policy.loosened),
        "passed": is_passed(results),
        "attacks": [
            {
                "key": result.attack.key,
                "title": result.attack.title,
                "verdict": verdict(result),
                "limits": result.attack.limits,
                "seconds": round(result.seconds, 1),
                "trials": [_trial(trial) for trial in result.trials],
            }
            for result in results
        ],
    }


def as_page(
    results: Sequence[Result], *, scale: int, made_on: date, policy: Policy = POLICY, area: str = MEASURED
) -> str:
    """Return the readable page."""
    template = Template((files("orchestration.redteam") / "report.html").read_text(encoding="utf-8"))
    passed = is_passed(results)
    verdicts = [verdict(result) for result in results]
    summary = (
        f"{len(results)} attacks: {verdicts.count(HELD)} held off, {verdicts.count(LIMITED)} held to a documented "
        f"limit, {verdicts.count(BROKEN)} succeeded, {verdicts.count(TOOTHLESS)} not valid, "
        f"{verdicts.count(UNTRIED)} not tried. "
        f"Aims missed: {sum(one.misses_its_aim for result in results for one in result.trials)}."
    )
    return template.substitute(
        outcome="Passed" if passed else "Not passed",
        outcome_class="met" if passed else "missed",
        summary=escape(summary),
        made_on=f"{made_on.day} {made_on:%B %Y}",
        scale="as in the tests" if scale == 1 else f"{scale} times as many as in the tests",
        area=escape(area),
        policy=escape(policy.name),
        threshold=policy.threshold,
        base=policy.rounding_base,
        looser=escape(f", looser than measured in {', '.join(policy.loosened)}" if policy.loosened else ""),
        attacks="\n".join(_section(result) for result in results),
    )


def write_record(
    results: Sequence[Result],
    folder: Path,
    *,
    scale: int,
    made_on: date,
    policy: Policy = POLICY,
    area: str = MEASURED,
) -> tuple[Path, Path]:
    """Write the JSON and the page into a folder, made if it is missing, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    record, page = folder / JSON_NAME, folder / PAGE_NAME
    written = json.dumps(
        as_record(results, scale=scale, made_on=made_on, policy=policy, area=area), indent=2, ensure_ascii=False
    )
    record.write_text(written + "\n", encoding="utf-8")
    page.write_text(as_page(results, scale=scale, made_on=made_on, policy=policy, area=area), encoding="utf-8")
    return record, page


def _trial(trial: Trial) -> dict[str, object]:
    told = {"is_ours": trial.is_ours, "is_met": trial.is_met, "misses_its_aim": trial.misses_its_aim}
    return asdict(trial) | told


def _section(result: Result) -> str:
    attack = result.attack
    limits = f"<p class='limits'>{escape(attack.limits)}</p>" if attack.limits else ""
    rows = "".join(_row(trial) for trial in result.trials)
    return (
        f"<section id='{escape(attack.key)}'><h3>{escape(attack.title)}: {escape(verdict(result))}</h3>"
        f"<p>{escape(attack.story)}</p>{limits}"
        f"<table><caption>What was measured: {escape(attack.title)}</caption><thead><tr><th scope='col'>engine</th>"
        "<th scope='col'>measured</th><th scope='col'>value</th><th scope='col'>must be</th><th scope='col'>aim</th>"
        "<th scope='col'>out of</th>"
        f"<th scope='col'>met</th></tr></thead><tbody>{rows}</tbody></table></section>"
    )


def _row(trial: Trial) -> str:
    met = "yes" if trial.is_met else "no"
    aim = "" if trial.aim is None else f"{trial.aim:g}: {'missed' if trial.misses_its_aim else 'met'}"
    return (
        f"<tr class='{'ours' if trial.is_ours else 'weak'}'><th scope='row'>{escape(trial.engine)}</th>"
        f"<td>{escape(trial.measured)}</td><td>{trial.value:.3g}</td><td>{trial.wanted} {trial.limit:g}</td>"
        f"<td>{aim}</td>"
        f"<td>{trial.cases:,}</td><td class='{'met' if trial.is_met else 'missed'}'>{met}</td></tr>"
    )
