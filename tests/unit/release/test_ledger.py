"""Every question to the gate is in the ledger, answered or refused, kept or new, and no figure is."""

import json
import os
import threading
from pathlib import Path

import pytest

from orchestration.audit.kinds import ALWAYS, KINDS
from orchestration.audit.log import AuditLog
from orchestration.audit.reading import segments
from orchestration.audit.signing import PUBLIC_NAME
from orchestration.errors import ReleaseError
from orchestration.release import Gate, Refused, Request
from orchestration.release.ledger import Ledger
from tests.support.snapshot import make_snapshot

PEOPLE = Request(measure="people", by=("theme",), period="Y2025")
TOO_FINE = Request(measure="people", by=("service", "msoa", "ethnic_group"), period="2025-03")


def _ledger(state: Path) -> Ledger:
    return Ledger(AuditLog(state / "audit", key_file=state / "audit.key"))


def test_what_was_asked_is_recorded_with_who_when_policy_and_snapshot(tmp_path: Path) -> None:
    gate = Gate(make_snapshot(tmp_path, people=600))
    for who in ("page", "page", "token excel"):
        gate.answer(PEOPLE, who=who)
    with pytest.raises(Refused):
        gate.answer(TOO_FINE, who="token excel")
    found = list(_ledger(tmp_path / "state").entries())
    assert [(entry["who"], entry["outcome"]) for entry in found] == [
        ("page", "answered"), ("page", "answered"), ("token excel", "answered"), ("token excel", "refused"),
    ]  # fmt: skip
    assert {entry["snapshot"] for entry in found} == {gate.catalogue().snapshot_id}
    assert found[0]["asked"] == PEOPLE.canonical()
    assert found[0]["policy"] == "dashboard"
    assert found[0]["at"] <= found[-1]["at"]
    assert set(found[0]) == ALWAYS | KINDS["release_seen"]
    private = [path for path in (tmp_path / "state" / "audit").iterdir() if path.name != PUBLIC_NAME]
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}


def test_threads_that_ask_at_once_lose_no_line(tmp_path: Path) -> None:
    ledgers = [_ledger(tmp_path) for _ in range(4)]

    def note(number: int) -> None:
        for turn in range(100):
            ledgers[number].note(who=f"{number}-{turn}", request=PEOPLE, snapshot_id="s", outcome="answered")

    threads = [threading.Thread(target=note, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [entry["who"] for entry in ledgers[0].entries()]
    assert len(found) == len(set(found)) == 400


def test_a_question_that_cannot_be_recorded_is_not_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(make_snapshot(tmp_path, people=600))
    gate.answer(PEOPLE)
    write = os.write

    def half(descriptor: int, line: bytes) -> int:
        return write(descriptor, line[:20])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(ReleaseError, match="so it is not answered"):
        gate.answer(PEOPLE)
    monkeypatch.setattr(os, "write", write)
    gate.answer(PEOPLE)
    assert len(list(_ledger(tmp_path / "state").entries())) == 2  # the line cut off is no line


def test_a_name_cannot_write_a_line_of_its_own(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    ledger.note(who='x"}\n{"who": "y', request=PEOPLE, snapshot_id="s", outcome="answered")
    (entry,) = ledger.entries()
    assert entry["who"] == 'x"}\n{"who": "y'
    (path,) = segments(tmp_path / "audit")
    assert json.loads(path.read_text()) == entry
