"""Whatever is done to the audit log is found: random tampering, and a forger who makes the whole chain fit again."""

import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.audit import chain, verifying
from orchestration.audit.chain import line_of, sealed
from orchestration.audit.log import AuditLog
from orchestration.audit.reading import segments
from orchestration.audit.signing import Checker
from orchestration.audit.verifying import verify

RECORDS = 14


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("audit")
    log = AuditLog(home / "audit", key_file=home / "audit.key", every=5)
    for number in range(RECORDS):
        log.record(
            "release_seen",
            who=f"person {number}",
            role="",
            asked="people",
            policy="dashboard",
            snapshot="s",
            outcome="answered",
        )
    return log.folder


def tampered(  # noqa: PLR0911 - one return a way to tamper
    lines: list[bytes], draw: st.DataObject
) -> list[bytes]:
    """Return the lines after one change of a kind that an intruder would try."""
    at = draw.draw(st.integers(0, len(lines) - 1))
    to = draw.draw(st.integers(0, len(lines) - 1).filter(lambda n: n != at))
    how = draw.draw(st.sampled_from(["byte", "remove", "end", "swap", "repeat", "insert", "field", "resealed", "join"]))
    if how == "byte":
        place = draw.draw(st.integers(0, len(lines[at]) - 1))
        new = draw.draw(st.integers(0, 255).filter(lambda b: b != lines[at][place]))
        return [*lines[:at], lines[at][:place] + bytes([new]) + lines[at][place + 1 :], *lines[at + 1 :]]
    if how == "remove":
        return [*lines[:at], *lines[at + 1 :]]
    if how == "end":
        return lines[:at]
    if how == "swap":
        changed = list(lines)
        changed[at], changed[to] = changed[to], changed[at]
        return changed
    if how == "repeat":
        return [*lines[:to], lines[at], *lines[to:]]
    if how == "join":
        return [*lines[:at], lines[at].rstrip(b"\n") + b" \n", *lines[at + 1 :]]
    record = json.loads(lines[at])
    record["who"] = draw.draw(st.text(max_size=8).filter(lambda text: text != record["who"]))
    forged = line_of(record) if how == "field" else line_of(sealed(record))
    return [*lines[:at], forged, *lines[at + (how != "insert") :]]


def copied(whole: Path, lines: list[bytes]) -> Path:
    folder = Path(tempfile.mkdtemp()) / "audit"
    shutil.copytree(whole, folder)
    (path,) = segments(folder)
    path.write_bytes(b"".join(lines))
    return folder


@settings(max_examples=150, deadline=None)
@given(draw=st.data())
def test_any_tampering_is_found(whole: Path, draw: st.DataObject) -> None:
    lines = segments(whole)[0].read_bytes().splitlines(keepends=True)
    changed = tampered(lines, draw)
    folder = copied(whole, changed)
    try:
        assert (verify(folder).faults != []) == (b"".join(changed) != b"".join(lines))
    finally:
        shutil.rmtree(folder.parent)


def forged(whole: Path, at: int) -> Path:
    """Return a copy in which a record was changed and everything after it, the head too, made to fit again."""
    records = [json.loads(line) for line in segments(whole)[0].read_bytes().splitlines()]
    records[at]["who"] = "somebody else"
    for number in range(at, len(records)):
        previous = records[number - 1]["digest"] if number else chain.START
        records[number] = sealed({**records[number], "previous": previous})
    lines = [line_of(record) for record in records]
    folder = copied(whole, lines)
    head = json.loads((folder / "head").read_bytes())
    head |= {"digest": records[-1]["digest"], "line": lines[-1].decode(), "start": sum(map(len, lines[:-1]))}
    (folder / "head").write_bytes(json.dumps(head).encode())
    return folder


@pytest.mark.parametrize("at", range(RECORDS))
def test_a_forger_who_rebuilds_the_chain_without_the_key_is_found(whole: Path, at: int) -> None:
    folder = forged(whole, at)
    assert any("not signed" in fault for fault in verify(folder).faults)
    shutil.rmtree(folder.parent)


def test_a_weak_chain_without_signatures_lets_the_forger_through(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Checker, "is_signed", lambda *_: True)
    folder = forged(whole, 3)
    assert verify(folder).faults == []
    shutil.rmtree(folder.parent)


def test_a_weak_chain_of_numbers_alone_does_not_see_a_changed_record(
    whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = segments(whole)[0].read_bytes().splitlines(keepends=True)
    folder = copied(whole, [lines[0].replace(b"person 0", b"person X"), *lines[1:]])
    assert verify(folder).faults != []
    monkeypatch.setattr(verifying, "digest_of", lambda record: record["digest"])
    assert verify(folder).faults == []
    shutil.rmtree(folder.parent)


def test_a_fault_is_said_where_it_is(whole: Path) -> None:
    lines = segments(whole)[0].read_bytes().splitlines(keepends=True)
    folder = copied(whole, [*lines[:4], *lines[5:]])
    name = segments(folder)[0].name
    assert any(f"{name}, line 5: record 6 stands after record 4" in fault for fault in verify(folder).faults)
    shutil.rmtree(folder.parent)
