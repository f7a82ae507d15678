"""Claims of the benchmark of tokens: it compares like with like, and a missing yardstick is said to be missing."""

import shutil
from dataclasses import asdict

import pytest

from orchestration.bench.tokens import describe_tokens, measure_tokens, openssl_speed


def test_the_rates_are_told_beside_openssls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.bench.tokens.openssl_speed", lambda size: 1_000_000 * (size > 20))
    rates = measure_tokens(300)
    assert rates.tokens > 9 * 250
    assert rates.made_to_one_shot == pytest.approx(rates.made / rates.one_shot, abs=0.01)
    assert rates.made_to_speed == pytest.approx(rates.made / 1_000_000, abs=0.01)
    told = describe_tokens(asdict(rates))
    assert f"{rates.made:,}" in told and "1,000,000" in told


def test_without_an_openssl_program_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert openssl_speed(62) is None
    assert "no openssl program" in describe_tokens(asdict(measure_tokens(50)))
