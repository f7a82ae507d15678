"""A demo of a size to measure: simulated and refreshed once, and used again where the home holds it already."""

import json

from orchestration.demo import MARK, run_demo
from orchestration.settings import Settings


def demo_home(settings: Settings, *, people: int, months: int, seed: int) -> None:
    """Make sure that the home holds a published demo of this size; raises ConfigurationError where it holds another."""
    mark = settings.state / MARK
    wanted = {"people": people, "months": months, "seed": seed, "complete": True}
    is_published = (settings.published / "current").exists() and mark.exists()
    if not is_published or json.loads(mark.read_text(encoding="utf-8")) != wanted:
        run_demo(settings, people=people, months=months, seed=seed)
