"""The audit log is whole after kills, full disks and many writers; what was done to it is found and said where."""

import json
import multiprocessing
import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestration.audit.exporting import as_csv, as_lines
from orchestration.audit.head import read_head
from orchestration.audit.log import AuditLog
from orchestration.audit.pack import known_pack_fault, note_pack
from orchestration.audit.pruning import prune
from orchestration.audit.reading import entries, search, segments
from orchestration.audit.signing import PUBLIC_NAME
from orchestration.audit.verifying import verify
from orchestration.errors import ConfigurationError, HomeError

FORK = multiprocessing.get_context("fork")


def make(home: Path, *, every: int = 1_000, clock: object = None) -> AuditLog:
    return AuditLog(home / "audit", key_file=home / "audit.key", every=every, clock=clock)  # type: ignore[arg-type]


def see(log: AuditLog, *, who: str = "page", asked: str = "people by theme") -> int:
    return log.record(
        "release_seen", who=who, role="leader", asked=asked, policy="dashboard", snapshot="s", outcome="answered"
    )


def test_a_key_is_made_once_for_its_owner_alone_and_its_public_half_is_beside_the_log(tmp_path: Path) -> None:
    see(make(tmp_path))
    key = (tmp_path / "audit.key").read_bytes()
    see(make(tmp_path))
    assert (tmp_path / "audit.key").read_bytes() == key
    assert (tmp_path / "audit.key").stat().st_mode & 0o777 == 0o600
    assert b"PUBLIC KEY" in (tmp_path / "audit" / PUBLIC_NAME).read_bytes()
    assert verify(tmp_path / "audit").faults == []


def test_a_lost_key_is_never_replaced_by_a_new_one(tmp_path: Path) -> None:
    see(make(tmp_path))
    (tmp_path / "audit.key").unlink()
    with pytest.raises(ConfigurationError, match="restore it from your vault"):
        see(make(tmp_path))


def test_a_kind_or_field_that_the_log_does_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="no kind 'gossip'"):
        make(tmp_path).record("gossip", who="x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="no field token"):
        make(tmp_path).record("forget", who="x", token="t")
    assert segments(tmp_path / "audit") == []


def test_checkpoints_are_signed_every_so_many_records_and_when_asked(tmp_path: Path) -> None:
    log = make(tmp_path, every=5)
    for _ in range(12):
        see(log)
    assert verify(log.folder).checkpoints == 2
    log.checkpoint()
    log.checkpoint()  # nothing new to sign
    assert verify(log.folder).checkpoints == 3


def _write(home: Path, name: str, count: int) -> None:
    log = make(home, every=20)
    for turn in range(count):
        see(log, who=f"{name}-{turn}")


def test_processes_and_threads_that_write_at_once_lose_nothing_and_keep_one_chain(tmp_path: Path) -> None:
    workers = [FORK.Process(target=_write, args=(tmp_path, f"p{n}", 60)) for n in range(4)]
    workers += [threading.Thread(target=_write, args=(tmp_path, f"t{n}", 60)) for n in range(3)]  # type: ignore[list-item]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    verdict = verify(tmp_path / "audit")
    assert verdict.faults == verdict.notes == []
    found = [record["who"] for record in search(tmp_path / "audit", kinds=["release_seen"])]
    assert sorted(found) == sorted(f"{n}-{t}" for n in ("p0", "p1", "p2", "p3", "t0", "t1", "t2") for t in range(60))


def test_processes_killed_at_any_moment_leave_a_log_that_verifies_after_the_next_record(tmp_path: Path) -> None:
    for turn in range(12):
        worker = FORK.Process(target=_write, args=(tmp_path, f"k{turn}", 100_000))
        worker.start()
        time.sleep(0.03 + 0.007 * turn)
        os.kill(worker.pid or 0, signal.SIGKILL)
        worker.join()
        see(make(tmp_path), who=f"after-{turn}")
        assert verify(tmp_path / "audit").faults == []
    assert verify(tmp_path / "audit").records > 24


@pytest.mark.parametrize("kept", [0, 1, 40, -1])
def test_a_torn_last_line_is_told_and_then_completed_with_a_record_of_it(tmp_path: Path, kept: int) -> None:
    log = make(tmp_path)
    for _ in range(3):
        see(log)
    (path,) = segments(log.folder)
    head, _ = read_head(log.folder)
    assert head is not None
    whole = path.read_bytes()
    os.truncate(path, head.start + kept if kept >= 0 else len(whole) + kept)
    assert verify(log.folder).faults != []
    see(make(tmp_path))
    verdict = verify(log.folder)
    assert verdict.faults == []
    assert path.read_bytes().startswith(whole)
    assert len(verdict.notes) == (0 if kept == 0 else 1)


def test_a_full_disk_refuses_the_record_and_leaves_the_log_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, write = make(tmp_path), os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:20]))
        with pytest.raises(HomeError, match="so it is not done"):
            see(log)
        assert list(entries(log.folder)) == []
    see(log)
    before = segments(log.folder)[0].read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:20]))
        with pytest.raises(HomeError, match="so it is not done"):
            see(log)
    assert segments(log.folder)[0].read_bytes() == before
    see(log)
    assert verify(log.folder).faults == []


def test_what_another_hand_appended_is_found_and_set_aside_with_a_record_and_never_taken_over(tmp_path: Path) -> None:
    log = make(tmp_path)
    see(log)
    (path,) = segments(log.folder)
    with path.open("ab") as file:
        file.write(b'{"kind":"release_seen","who":"nobody"}\n')
    assert any("no record of the log" in fault for fault in verify(log.folder).faults)
    see(log)
    verdict = verify(log.folder)
    assert verdict.faults == []
    assert "set aside" in verdict.notes[0]
    assert [path.read_bytes() for path in log.folder.glob("aside-*")] == [b'{"kind":"release_seen","who":"nobody"}\n']


@pytest.mark.parametrize("lost", ["tail", "head", "all"])
def test_records_cut_off_at_the_end_stay_found_after_writing_goes_on(tmp_path: Path, lost: str) -> None:
    log = make(tmp_path)
    for _ in range(6):
        see(log)
    (path,) = segments(log.folder)
    if lost == "tail":
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:3]))
    if lost == "all":
        path.unlink()
    if lost in ("head", "all"):
        (log.folder / "head").unlink()
    assert verify(log.folder).faults != []
    see(make(tmp_path))
    see(make(tmp_path))
    faults = verify(log.folder).faults
    assert len(faults) == 1
    assert "break" in faults[0]


def test_old_months_go_with_a_signed_record_and_the_rest_still_verifies(tmp_path: Path) -> None:
    now = datetime(2026, 1, 15, tzinfo=UTC)
    log = make(tmp_path, clock=lambda: now)
    for month in range(6):
        now = datetime(2026, 1 + month, 15, tzinfo=UTC)
        for _ in range(3):
            see(log)
    log.checkpoint()
    assert len(segments(log.folder)) == 6
    assert prune(log, days=80, now=now) == 9
    verdict = verify(log.folder)
    assert (verdict.faults, verdict.first_seq, len(verdict.notes)) == ([], 10, 3)
    assert prune(log, days=80, now=now) == 0
    segments(log.folder)[0].unlink()
    assert "no signed record says so" in " ".join(verify(log.folder).faults)


def test_a_kill_between_the_prune_record_and_the_removal_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 1, 15, tzinfo=UTC)
    log = make(tmp_path, clock=lambda: now)
    see(log)
    now += timedelta(days=60)
    see(log)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *_a, **_k: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            prune(log, days=20, now=now)
    assert verify(log.folder).faults == []
    assert prune(log, days=20, now=now) == 1
    assert verify(log.folder).faults == []


def test_a_changed_new_or_removed_file_of_the_pack_is_recorded_with_both_digests(tmp_path: Path) -> None:
    pack, log = tmp_path / "pack", make(tmp_path)
    (pack / "agreements").mkdir(parents=True)
    (pack / "area.yaml").write_text("name: A")
    (pack / "agreements" / "isa.yaml").write_text("id: isa")
    assert note_pack(log, pack, moment="refresh") == []
    assert note_pack(log, pack, moment="refresh") == []
    (pack / "agreements" / "isa.yaml").write_text("id: isb")
    (pack / "area.yaml").unlink()
    (pack / "new.csv").write_text("a")
    assert note_pack(log, pack, moment="serving", who="j.doe") == ["agreements/isa.yaml", "area.yaml", "new.csv"]
    changed = list(search(log.folder, kinds=["agreement_changed", "configuration_changed"]))
    assert [(r["kind"], r["file"], bool(r["old"]), bool(r["new"]), r["who"]) for r in changed] == [
        ("agreement_changed", "agreements/isa.yaml", True, True, "j.doe"),
        ("configuration_changed", "area.yaml", True, False, "j.doe"),
        ("configuration_changed", "new.csv", False, True, "j.doe"),
    ]
    assert known_pack_fault(log) is None
    known = json.loads((log.folder / "pack.json").read_text())
    (log.folder / "pack.json").write_text(json.dumps({**known, "new.csv": "0"}))
    assert "a change may be hidden" in str(known_pack_fault(log))


def test_search_finds_by_who_kind_day_and_question(tmp_path: Path) -> None:
    day = datetime(2026, 3, 1, tzinfo=UTC)
    log = make(tmp_path, clock=lambda: day)
    see(log, who="anna", asked="people by sex")
    day = datetime(2026, 3, 2, tzinfo=UTC)
    see(log, who="Anna", asked="uses by theme")
    log.record("sign_in", who="bob", role="leader", outcome="refused", reason="", method="oidc")
    find = lambda **by: [record["seq"] for record in search(log.folder, **by)]  # noqa: E731
    assert find(who="anna") == [1, 2]
    assert find(kinds=["sign_in"]) == [3]
    assert find(since="2026-03-02", until="2026-03-02") == [2, 3]
    assert find(until="2026-03-01") == [1]
    assert find(asked="THEME") == [2]
    assert find(who="anna", asked="sex") == [1]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\tx", " =1+1", "\r=1"])
def test_no_cell_of_the_export_is_a_formula(tmp_path: Path, text: str) -> None:
    log = make(tmp_path)
    see(log, who=text, asked=text)
    _, line = as_csv(search(log.folder))
    assert line.count(f"'{text}") == 2
    assert "".join(as_lines(search(log.folder))).encode() == segments(log.folder)[0].read_bytes()


def test_another_history_signed_with_a_stolen_key_does_not_match_records_kept_elsewhere(tmp_path: Path) -> None:
    log = make(tmp_path / "a")
    for _ in range(4):
        see(log)
    kept = tmp_path / "kept.jsonl"
    kept.write_text("".join(as_lines(search(log.folder))))
    other = AuditLog(tmp_path / "b" / "audit", key_file=tmp_path / "a" / "audit.key")
    for _ in range(4):
        see(other, who="somebody else")
    assert verify(other.folder).faults == []
    assert len(verify(other.folder, witnesses=kept).faults) == 4
    see(log)
    assert verify(log.folder, witnesses=kept, public_key=log.folder / PUBLIC_NAME).faults == []


def test_a_copy_of_the_public_key_kept_elsewhere_finds_a_log_signed_with_another(tmp_path: Path) -> None:
    see(make(tmp_path / "a"))
    see(make(tmp_path / "b"))
    assert verify(tmp_path / "b" / "audit").faults == []
    assert verify(tmp_path / "b" / "audit", public_key=tmp_path / "a" / "audit" / PUBLIC_NAME).faults != []


@pytest.mark.parametrize("letter", ["a", "é", "😀", '"', "\\", "\x00", "\ud800"])
def test_any_text_however_long_fits_into_a_record_that_verifies(tmp_path: Path, letter: str) -> None:
    log, long = make(tmp_path), letter * 40_000
    see(log, who=long, asked=long)
    log.record(
        "agreement_decision", who=long, feed=long, agreement=long, allowed=True, may_keep=True, reason=long,
        items=[long] * 100,
    )  # fmt: skip
    log.record(
        "refresh", who=long, refresh=long, outcome=long, feeds=[long] * 9, failed=[long] * 9, decisions=[long] * 9
    )
    see(make(tmp_path), who=letter, asked="short " * 20)
    assert verify(log.folder).faults == []
    *_, last = search(log.folder)
    assert (last["who"], last["asked"]) == (letter, "short " * 20)
    (found,) = search(log.folder, kinds=["agreement_decision"])
    assert found["items"][-1].startswith("and ")
