"""The bench of the gate asks a realistic mix, at once and with time to read, and sums up what it timed."""

from pathlib import Path

import pytest

from orchestration.bench import gate as bench
from orchestration.release import Gate, Request
from orchestration.release.usual import usual_questions
from tests.support.snapshot import make_snapshot


def test_most_questions_are_usual_and_some_are_not(tmp_path: Path) -> None:
    catalogue = Gate(make_snapshot(tmp_path, people=600, seed=2)).catalogue()
    known = {request.canonical() for request in usual_questions(catalogue)}
    usual = bench.questions(catalogue, bench.SHAPES)
    others = bench.questions(catalogue, bench.EXPLORING)
    assert {request.canonical() for request in usual} <= known
    assert not {request.canonical() for request in others} & known
    assert len(usual) > len(others) > 20


def test_the_bench_says_what_people_wait_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "QUESTIONS_EACH", 4)
    monkeypatch.setattr(bench, "READING_SECONDS", 0.01)
    monkeypatch.setattr(bench, "SHAPES", bench.SHAPES[:2])
    monkeypatch.setattr(bench, "EXPLORING", bench.EXPLORING[:1])
    monkeypatch.setattr(bench, "keep_counts", lambda gate: gate.keep(Request("people", ("theme",), {}, "all")))
    result = bench.run_gate_bench(make_snapshot(tmp_path, people=600, seed=2), people=600, seed=1, users=3)
    assert result["fresh"]["count"] + result["asked_before"]["count"] == result["all"]["count"] == 12
    assert result["while_reading"]["count"] == 12
    assert 0 < result["while_reading"]["median_ms"] <= result["while_reading"]["p95_ms"]
