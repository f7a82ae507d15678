"""The demo: simulate the fictional area into a home, then refresh it."""

import json

from orchestration import progress
from orchestration.console import console, print_refresh, shown_progress
from orchestration.defs.instance import prepare_instance
from orchestration.defs.refresh import refresh
from orchestration.errors import ConfigurationError
from orchestration.settings import Settings, repository_root

DEMO_AREA = repository_root() / "seeds" / "demo_area"
MARK = "demo.json"


def run_demo(settings: Settings, *, people: int, months: int, seed: int) -> None:
    """Simulate (once for the same arguments) and refresh; a home with a real area's data is left alone."""
    from seeds.simulate import simulate  # noqa: PLC0415 - only the demo needs it

    if settings.area_dir != DEMO_AREA:
        raise ConfigurationError(
            f"The demo is for the fictional area, and JOINEDUP_AREA names {settings.area_dir}: "
            "unset it, or use `joinedup refresh`."
        )
    prepare_instance(settings)
    wanted = {"people": people, "months": months, "seed": seed}
    mark = settings.state / MARK
    known = json.loads(mark.read_text(encoding="utf-8")) if mark.exists() else None
    _may_simulate(settings, known, wanted)
    with shown_progress("Demo"):
        if known is None or not known["complete"]:
            progress.report(f"Simulating {people:,} people over {months} months")
            mark.write_text(json.dumps({**wanted, "complete": False}), encoding="utf-8")
            simulate(people=people, months=months, seed=seed, out=settings.home)
            mark.write_text(json.dumps({**wanted, "complete": True}), encoding="utf-8")
        summary = refresh(settings)
    print_refresh(summary)
    console().print(f"The deliveries, receipts and reports are in {settings.home}.", highlight=False)


def ensure_demo(settings: Settings, *, people: int, months: int, seed: int) -> None:
    """Run the demo unless the home holds a published one of just this size; raises where it holds another."""
    mark = settings.state / MARK
    wanted = {"people": people, "months": months, "seed": seed, "complete": True}
    is_published = (settings.published / "current").exists() and mark.exists()
    if not is_published or json.loads(mark.read_text(encoding="utf-8")) != wanted:
        run_demo(settings, people=people, months=months, seed=seed)


def _may_simulate(settings: Settings, known: dict[str, int] | None, wanted: dict[str, int]) -> None:
    if known is None and any(settings.landing.iterdir()):
        raise ConfigurationError(
            f"{settings.landing} already holds deliveries that the demo did not write: "
            "name another home with JOINEDUP_HOME."
        )
    if known is not None and any(known[key] != value for key, value in wanted.items()):
        raise ConfigurationError(
            f"{settings.home} holds a demo of {known['people']} people, {known['months']} months and seed "
            f"{known['seed']}. Remove the folder, or name another with JOINEDUP_HOME, to simulate a different one."
        )
