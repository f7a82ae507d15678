"""Commands of the API's tokens: make one, list their holders, revoke one.

What belongs here: arguments and messages. What does not: what a token is (orchestration.release.access).
"""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from orchestration.console import console, results
from orchestration.settings import Settings, load_settings

token_app = typer.Typer(no_args_is_help=True, help="Tokens with which programs ask the API for figures.")
AsJson = Annotated[bool, typer.Option("--json", help="print JSON instead of text")]
Name = Annotated[str, typer.Argument(help="who holds it, for example excel_housing_team")]


@token_app.command("new")
def make_token(
    name: Name,
    policy: Annotated[str, typer.Option(help="release policy that every answer to it follows")] = "dashboard",
    days: Annotated[int, typer.Option(help="how long it counts")] = 365,
) -> None:
    """Make a token and print it, this once: only its digest is kept."""
    from orchestration.release.access import new_token

    settings = load_settings()
    token = new_token(settings, name, policy=policy, days=days, today=datetime.now(UTC).date())
    _note(settings, name, "made", policy)
    console().print(f"The token of {name}, shown only now; hand it over by a safe way:", highlight=False)
    typer.echo(token)


@token_app.command("list")
def list_tokens(as_json: AsJson = False) -> None:
    """Show who holds a token, under which policy and until when."""
    from orchestration.release.access import as_rows

    rows = as_rows(load_settings())
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    screen = results()
    for row in rows:
        screen.print(f"{row['name']}  policy {row['policy']}  until {row['until']}", highlight=False, markup=False)
    if not rows:
        screen.print("Nobody holds a token.")


@token_app.command("revoke")
def revoke_token(name: Name) -> None:
    """End a token at once."""
    from orchestration.release.access import revoke

    settings = load_settings()
    revoke(settings, name)
    _note(settings, name, "revoked", "")
    console().print(f"The token of {name} no longer counts.", highlight=False)


def _note(settings: Settings, name: str, change: str, policy: str) -> None:
    from orchestration.audit.log import account, audit_of

    audit_of(settings).record("access_changed", who=account(), name=name, change=change, policy=policy)
