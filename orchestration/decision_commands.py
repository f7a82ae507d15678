"""`joinedup decisions` and `joinedup voices`: what was decided on these figures, and what people told beside them."""

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.console import console
from orchestration.errors import ConfigurationError
from orchestration.settings import load_settings

if TYPE_CHECKING:
    from orchestration.state.reviews import Comparison

decisions_app = typer.Typer(no_args_is_help=True, help="The decision log: add, list and review decisions.")
voices_app = typer.Typer(no_args_is_help=True, help="Lived experience, with consent: add, list and withdraw notes.")
AsJson = Annotated[bool, typer.Option("--json", help="print JSON instead of text")]
Day = Annotated[str | None, typer.Option(help="YYYY-MM-DD (default: today)")]


@decisions_app.command("add")
def add(  # noqa: PLR0917 - typer reads options from parameters
    title: Annotated[str, typer.Option(help="a few words")],
    question: Annotated[str, typer.Option(help="what was asked")],
    decision: Annotated[str, typer.Option(help="what was decided")],
    owner: Annotated[str, typer.Option(help="organisation or role that sees to it; no person's name")],
    expect: Annotated[str, typer.Option(help="what should change")],
    view: Annotated[list[str], typer.Option(help="address of a chart's download link (may be given several times)")],
    review: Annotated[str, typer.Option(help="day of the review, YYYY-MM-DD")],
    direction: Annotated[str | None, typer.Option(help="up, down or level: how the first figure should move")] = None,
    decided: Day = None,
) -> None:
    """Record a decision with its evidence: the charts' protected figures as they are now."""
    from orchestration.audit.log import account, audit_of
    from orchestration.release import Gate
    from orchestration.state.decisions import NewDecision, add_decision
    from orchestration.state.store import store_of

    settings = load_settings()
    new = NewDecision(
        title, question, decision, owner, expect, _day(decided), _day(review), tuple(view), direction or None
    )
    made = add_decision(store_of(settings), Gate(settings), new, who=account())
    audit_of(settings).record("decision", who=account(), decision=made, change="added")
    _say(f"Recorded {made}; its review is due on {new.review_on.isoformat()}.")


@decisions_app.command("list")
def list_decisions(
    due: Annotated[bool, typer.Option("--due", help="only those whose review is due")] = False,
    *,
    as_json: AsJson = False,
) -> None:
    """List the log and the area pack's decisions, newest first."""
    from orchestration.area import load_area
    from orchestration.state.decisions import pack_decisions, read_decisions
    from orchestration.state.store import store_of

    settings = load_settings()
    area = load_area(settings.area_dir, today=settings.today)
    found = [*read_decisions(store_of(settings)), *pack_decisions(area.decisions.to_dicts())]
    found = [one for one in found if not due or one.is_due(area.today)]
    if as_json:
        kept = [
            {name: getattr(one, name) for name in one.__slots__ if name != "views"}
            | {"views": [{"address": view.address, "snapshot": view.snapshot_id} for view in one.views]}
            for one in found
        ]
        typer.echo(json.dumps(kept, default=str, indent=2, ensure_ascii=False))
        return
    for one in found:
        state = "review is DUE" if one.is_due(area.today) else f"review {one.review_on or 'not planned'}"
        from_pack = " (area pack)" if one.is_of_pack else ""
        typer.echo(f"{one.decision_id}{from_pack}  {one.decided_on}  {one.title}  [{one.owner}; {state}]")
    if not found:
        _say("No decisions." if not due else "No review is due.")


@decisions_app.command("review")
def review_decision(
    decision_id: Annotated[str, typer.Argument(help="id of the decision")],
    found: Annotated[str | None, typer.Option(help="write down what the review found")] = None,
) -> None:
    """Show a decision's figures then and now; with --found, write down what was found."""
    from orchestration.area import load_area
    from orchestration.audit.log import account, audit_of
    from orchestration.release import Gate
    from orchestration.state.decisions import find_decision, note_review
    from orchestration.state.reviews import compare_decision
    from orchestration.state.store import store_of

    settings = load_settings()
    store = store_of(settings)
    decision = find_decision(store, decision_id)
    typer.echo(f"{decision.title}\nExpected: {decision.expected_change}")
    for comparison in compare_decision(Gate(settings), decision, who=account()):
        _print_comparison(comparison)
    if found is not None:
        note_review(store, decision_id, found, on=load_area(settings.area_dir, today=settings.today).today)
        audit_of(settings).record("decision", who=account(), decision=decision_id, change="reviewed")
        _say("The finding is kept.")


@voices_app.command("add")
def add_note(  # noqa: PLR0917 - typer reads options from parameters
    words: Annotated[str, typer.Option(help="the quote or observation, without names or numbers of people")],
    consent: Annotated[str, typer.Option(help="number under which the consent is kept")],
    step: Annotated[str, typer.Option(help="step of the journey: a theme of services")],
    source: Annotated[str, typer.Option(help="where it was heard: a workshop, a diary, an interview")],
    kind: Annotated[str, typer.Option(help="quote or observation")] = "quote",
    persona: Annotated[str | None, typer.Option(help="id of the persona that it speaks to")] = None,
    heard: Day = None,
) -> None:
    """Keep what somebody said, or an observer saw, under a consent."""
    from orchestration.area import load_area
    from orchestration.audit.log import account, audit_of
    from orchestration.state.store import store_of
    from orchestration.state.voices import NewVoice, add_voice

    settings = load_settings()
    area = load_area(settings.area_dir, today=settings.today)
    new = NewVoice(kind, words, consent, step, source, _day(heard), persona)
    steps = set(area.directory.services["theme"])
    made = add_voice(store_of(settings), new, steps=steps, personas=set(area.personas))
    audit_of(settings).record("voice", who=account(), voice=made, change="added")
    _say(f"Kept as {made}. `joinedup voices withdraw {made}` removes its words for good.")


@voices_app.command("list")
def list_notes() -> None:
    """List the notes, withdrawn ones without their words."""
    from orchestration.state.store import store_of
    from orchestration.state.voices import read_voices

    for one in read_voices(store_of(load_settings()), is_everything=True):
        words = one.words or f"withdrawn on {one.withdrawn_on}"
        typer.echo(f"{one.voice_id}  {one.heard_on}  {one.step}  {one.persona or 'any persona'}  {one.kind}: {words}")


@voices_app.command("withdraw")
def withdraw(voice_id: Annotated[str, typer.Argument(help="id of the note")]) -> None:
    """Remove a note's words and source for good."""
    from orchestration.audit.log import account, audit_of
    from orchestration.rights.withdrawing import note_withdrawn
    from orchestration.state.backups import backups_made
    from orchestration.state.store import store_of
    from orchestration.state.voices import withdraw_voice

    settings = load_settings()
    today = datetime.now(UTC).date()
    is_new = withdraw_voice(store_of(settings), voice_id, on=today)
    note_withdrawn(settings, voice_id, on=today)
    if not is_new:
        _say("It was withdrawn before.")
        return
    audit_of(settings).record("voice", who=account(), voice=voice_id, change="withdrawn")
    _say("Its words and source are removed.")
    for made in backups_made(settings, on=today):
        _say(f"A backup may still hold them until {made.keep_until}: {made.path}")


def _print_comparison(comparison: "Comparison") -> None:
    typer.echo(f"\n{comparison.measure}: {comparison.then_period} (then), {comparison.now_period} (now)")
    for line in comparison.lines:
        then, now = (f"{figure:,}" if figure is not None else "hidden" for figure in (line.then, line.now))
        typer.echo(f"  {line.label}: {then} then, {now} now: {line.words}")
    for text in (comparison.note, comparison.verdict):
        if text:
            typer.echo(f"  {text}")


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError("A day is written YYYY-MM-DD, such as 2026-05-31.") from error


def _say(text: str) -> None:
    console().print(text, markup=False, highlight=False, soft_wrap=True)
