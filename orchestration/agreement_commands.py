"""Commands of agreements: what there is, what each says, whether the files hold together, and what is due.

What belongs here: arguments and messages. What does not: any rule (orchestration.area).
"""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.console import results
from orchestration.errors import GovernanceError
from orchestration.settings import load_settings

if TYPE_CHECKING:
    from orchestration.area import Agreement, Area

agreements_app = typer.Typer(no_args_is_help=True, help="Agreements: list, show, check, and what is due.")
AsJson = Annotated[bool, typer.Option("--json", help="print JSON instead of text")]
NOTICE = timedelta(days=90)


@agreements_app.command("list")
def list_agreements(as_json: AsJson = False) -> None:
    """Show every agreement: state, version, until when, and whether its feeds are permitted today."""
    area = _area()
    rows = [_facts(agreement, area) for _, agreement in sorted(area.agreements.items())]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        state = "in force" if row["in_force"] else "not in force"
        _say(f"{row['id']}  {row['status']}, version {row['version']}, until {row['expires_on']}: {state}")
        for feed in row["feeds"]:
            if not feed["permitted"]:
                _say(f"    {feed['feed']}: {feed['reason']}")


@agreements_app.command()
def show(agreement_id: Annotated[str, typer.Argument(help="the agreement's id")], as_json: AsJson = False) -> None:
    """Show all that one agreement says, its history, and the digest of its content."""
    agreement = _one(_area(), agreement_id)
    content: dict[str, Any] = agreement.model_dump(mode="json") | {"digest": agreement.digest}
    if as_json:
        typer.echo(json.dumps(content, indent=2))
        return
    import yaml

    typer.echo(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), nl=False)


@agreements_app.command()
def check(as_json: AsJson = False) -> None:
    """Check every agreement. Exit 0: nothing to mend; 1: advice; 4: a mistake, with file, line and key."""
    from orchestration.area.agreement_faults import advice

    found = {name: list(advice(agreement)) for name, agreement in sorted(_area().agreements.items())}
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    else:
        for name, lines in found.items():
            for line in lines:
                _say(f"{name}: {line}.")
        _say(f"{len(found)} agreement(s), {sum(map(len, found.values()))} remark(s)")
    raise typer.Exit(1 if any(found.values()) else 0)


@agreements_app.command()
def due(
    days: Annotated[int, typer.Option(min=0, max=3660, help="how far ahead to look")] = NOTICE.days,
    as_json: AsJson = False,
) -> None:
    """Show which agreements end or are to be reviewed soon, and what is overdue; the most urgent first."""
    area = _area()
    dates = [
        (when, agreement.id, what)
        for agreement in area.agreements.values()
        if agreement.status in ("signed", "suspended")
        for what, when in (("ends", agreement.expires_on), ("review", agreement.review_on))
        if when is not None and when <= area.today + timedelta(days=days)
    ]
    rows = [
        {"agreement": name, "what": what, "on": when.isoformat(), "days": (when - area.today).days}
        for when, name, what in sorted(dates)
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        left = int(str(row["days"]))
        _say(f"{row['on']}  {row['agreement']}: {row['what']}, {f'in {left} days' if left >= 0 else 'overdue'}")
    if not rows:
        _say(f"Nothing is due within {days} days.")


def _area() -> "Area":
    from orchestration.area import load_area

    settings = load_settings()
    return load_area(settings.area_dir, today=settings.today)


def _one(area: "Area", agreement_id: str) -> "Agreement":
    agreement = area.agreements.get(agreement_id)
    if agreement is None:
        raise GovernanceError(
            f"There is no agreement '{agreement_id}'. There are: {', '.join(sorted(area.agreements))}."
        )
    return agreement


def _facts(agreement: "Agreement", area: "Area") -> dict[str, Any]:
    from orchestration.area.permission import decide_feed, permits

    feeds = []
    for feed in agreement.feeds:
        contract = area.contracts.get(feed)
        decision = (
            decide_feed(contract, area.agreements, today=area.today)
            if contract and contract.agreement == agreement.id
            else permits(agreement, feed, today=area.today)
        )
        feeds.append({"feed": feed, "permitted": decision.allowed, "reason": decision.reason})
    return {
        "id": agreement.id,
        "title": agreement.title,
        "status": agreement.status,
        "version": agreement.version,
        "starts_on": agreement.starts_on.isoformat(),
        "review_on": agreement.review_on.isoformat() if agreement.review_on else None,
        "expires_on": agreement.expires_on.isoformat(),
        "in_force": any(feed["permitted"] for feed in feeds),
        "is_as_signed": agreement.is_as_signed,
        "feeds": feeds,
    }


def _say(text: str) -> None:
    results().print(text, highlight=False, markup=False, soft_wrap=True)
