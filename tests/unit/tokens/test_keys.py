"""Claims of keys: random ones are fit for use however they are written, guessable ones are refused and never shown."""

import base64
import hashlib
import hmac
import io
import sys
from pathlib import Path

import polars as pl
import pytest

from orchestration.feeds.keys import GOLDEN_KEY, WeakKeyError, check_key, key_from, key_id, read_key, written
from orchestration.feeds.token_hashing import digests

RANDOM = [hashlib.sha256(bytes([number])).digest() for number in range(40)]


@pytest.mark.parametrize("key", RANDOM)
def test_random_bytes_are_a_key_raw_as_hexadecimal_and_as_base64(key: bytes) -> None:
    assert key_from(key.hex().encode() + b"\r\n") == key
    assert key_from(key) == key
    text = base64.b64encode(key)
    assert key_from(text + b"\n") == text


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        (b"", "missing"),
        (b" \n", "missing"),
        (b"abc", "bytes"),
        (RANDOM[0][:31], "31 bytes"),
        (RANDOM[0].hex()[:62].encode(), "31 bytes"),
        (b"00" * 32, "repeats"),
        (RANDOM[0][:16] * 2, "repeats"),
        (b"0123456789abcdef" * 4, "repeats"),
        (b"31415926535897932384626433832795028841", "19 bytes"),
        (b"3.14159265358979323846264338327950288", "too few"),
        (bytes(range(9, 41)), "counts"),
        (bytes(range(40, 8, -1)), "counts"),
        (b"CorrectHorseBatteryStaple-2026-JoinedUp!", "words"),
        (b"the partners' secret key of 2026, do not tell", "too few|words"),
        (b"TidewellCouncilLinkageKey2026!SecretDoNotShare".hex().encode(), "words"),
        (GOLDEN_KEY, "published"),
        (GOLDEN_KEY.hex().encode(), "published"),
    ],
)
def test_a_key_that_could_be_guessed_is_refused_with_the_reason(weak: bytes, why: str) -> None:
    with pytest.raises(WeakKeyError, match=why) as caught:
        key_from(weak)
    told = str(caught.value)
    assert "openssl rand" in told
    assert not any(word in told for word in ("Correct", "Tidewell", "3141"))


def test_the_golden_key_is_good_for_checking_vectors_only() -> None:
    check_key(GOLDEN_KEY)


def test_a_key_that_ends_on_a_blank_byte_is_not_shortened(tmp_path: Path) -> None:
    key = RANDOM[0][:31] + b"\n"
    (tmp_path / "raw.key").write_bytes(key)
    assert read_key(tmp_path / "raw.key") == key


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(RANDOM[1].hex().encode())))
    assert read_key(Path("-")) == RANDOM[1]


def test_the_id_tells_keys_apart_and_is_an_hmac_that_anyone_with_the_key_can_make() -> None:
    assert len({key_id(key) for key in RANDOM}) == len(RANDOM)
    by_hand = hmac.new(RANDOM[0].hex().encode(), b"joinedup-2\x1fkey_id", hashlib.sha256).hexdigest()[:8]
    assert key_id(RANDOM[0]) == by_hand


@pytest.mark.parametrize("length", [20, 32, 64, 65, 131])
def test_digests_are_those_of_rfc_2104_for_keys_of_every_length(length: int) -> None:
    key = ((b"".join(RANDOM) * 2).hex())[:length]
    messages = ["", "a", "Zoë", "x" * 55, "x" * 56, "x" * 64, "x" * 200]
    expected = [hmac.new(key.encode(), b"opening" + text.encode(), hashlib.sha256).hexdigest() for text in messages]
    given = pl.Series("m", [*messages, None])
    assert digests(given, key, opening="opening").to_list() == [*expected, None]
    assert digests(given, key, opening="opening", digits=32).to_list() == [*(found[:32] for found in expected), None]


def test_the_digest_of_rfc_4231_holds() -> None:
    (found,) = digests(pl.Series("m", ["what do ya want for nothing?"]), "Jefe")
    assert found == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_an_hmac_takes_the_key_as_its_hexadecimal_digits() -> None:
    assert written(bytes([0, 10, 255])) == "000aff"
