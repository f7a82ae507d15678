"""`joinedup red-team`: attack the release gate and record what came of it."""

from pathlib import Path
from typing import Annotated

import typer


def red_team(
    out: Annotated[Path, typer.Option(help="folder for red-team.json and red-team.html")] = Path("red-team"),
    attack: Annotated[list[str] | None, typer.Option(help="only this attack (may be given several times)")] = None,
    scale: Annotated[int, typer.Option(min=1, max=50, help="so many times as many invented people")] = 1,
    *,
    policy: Annotated[str, typer.Option(help="the release policy of the area that is attacked")] = "dashboard",
    as_json: Annotated[bool, typer.Option("--json", help="print the record too")] = False,
) -> None:
    """Attack the release gate under the area's own policies, on invented people.

    Exit 1 when an attack succeeds, or fails on the weak engines, where it must succeed.
    """
    from orchestration.redteam.command import run_red_team
    from orchestration.settings import load_settings

    raise typer.Exit(
        run_red_team(
            out=out,
            attacks=attack or (),
            scale=scale,
            as_json=as_json,
            area_dir=load_settings().area_dir,
            policy=policy,
        )
    )
