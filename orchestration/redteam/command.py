"""What `joinedup red-team` does: run the attacks, write the record, tell the verdicts, and say whether it passed."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from orchestration.area.policies import release_policies
from orchestration.console import console
from orchestration.errors import ReleaseError
from orchestration.redteam import campaign
from orchestration.redteam.field import DEMO_AREA
from orchestration.redteam.report import as_record, is_passed, verdict, write_record
from orchestration.release.policy import policies_of


def run_red_team(
    *,
    out: Path,
    attacks: Sequence[str] = (),
    scale: int = 1,
    as_json: bool = False,
    area_dir: Path = DEMO_AREA,
    policy: str = "dashboard",
) -> int:
    """Attack a policy of an area: 0 when ours met every criterion and every attack proved itself, else 1."""
    known = {attack.key for attack in campaign.ATTACKS}
    if unknown := sorted(set(attacks) - known):
        raise ReleaseError(f"There is no attack '{unknown[0]}'. There are: {', '.join(sorted(known))}.")
    policies = policies_of(release_policies(area_dir))
    if policy not in policies:
        raise ReleaseError(f"There is no release policy '{policy}'. Allowed: {', '.join(policies)}.")
    results = campaign.run_campaign(
        scale=scale,
        area_dir=area_dir,
        policy=policy,
        only=attacks,
        tell=lambda title: console().print(f"{title} …", highlight=False),
    )
    made_on, attacked, area = datetime.now(UTC).date(), policies[policy], area_dir.name
    _record, page = write_record(results, out, scale=scale, made_on=made_on, policy=attacked, area=area)
    for result in results:
        console().print(f"{verdict(result):30} {result.attack.title} ({result.seconds:.0f} s)", highlight=False)
    console().print(f"The record is {page}.", highlight=False)
    if as_json:
        record = as_record(results, scale=scale, made_on=made_on, policy=attacked, area=area)
        print(json.dumps(record, indent=2, ensure_ascii=False))  # noqa: T201 - the command's output
    return 0 if is_passed(results) else 1
