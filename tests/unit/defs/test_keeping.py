"""The daily look at what is kept too long asks for a run when there is something to do, and only then."""

import dagster as dg
import pytest

from orchestration.defs import keeping
from orchestration.defs.due import refresh_lock
from orchestration.defs.keeping import retention_schedule
from orchestration.rights.pending import set_pending
from orchestration.settings import Settings, repository_root


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(area_dir=repository_root() / "seeds" / "demo_area", home=tmp_path_factory.mktemp("home") / "var")
    made.make_folders()
    return made


def looked(settings: Settings) -> dg.RunRequest | dg.SkipReason:
    schedule = retention_schedule(settings, [dg.AssetKey("first")])
    found = schedule(dg.build_schedule_context())
    assert isinstance(found, dg.RunRequest | dg.SkipReason)
    return found


def test_nothing_is_asked_for_where_nothing_is_over(settings: Settings) -> None:
    found = looked(settings)
    assert isinstance(found, dg.SkipReason)
    assert "nothing is kept longer than agreed" in str(found.skip_message)


def test_a_run_is_asked_for_rows_that_are_over_and_for_people_who_wait(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(keeping, "overdue", lambda *_args: {"debt_advice": {"accepted rows": 3}})
        found = looked(settings)
    assert isinstance(found, dg.RunRequest)
    assert found.tags["joinedup/overdue"] == "debt_advice"
    set_pending(settings)
    assert isinstance(looked(settings), dg.RunRequest)


def test_a_running_refresh_is_left_alone_and_a_faulty_area_is_told(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with refresh_lock(settings):
        found = looked(settings)
    assert isinstance(found, dg.SkipReason)
    assert "refresh is running" in str(found.skip_message)
    empty = Settings(area_dir=tmp_path_factory.mktemp("no_area"), home=settings.home)
    assert isinstance(looked(empty), dg.SkipReason)
