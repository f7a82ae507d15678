"""The published vectors hold for an implementation that shares no code with this one, and for OpenSSL's own program."""

import hashlib
import json
import shutil
import subprocess
from typing import Any

import pytest

from orchestration.settings import repository_root
from tests.support.token_vectors import vectors_text

PAGE = repository_root() / "docs" / "reference" / "token-vectors.json"
SAID = json.loads(PAGE.read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = SAID["cases"]


def hmac_by_hand(key: bytes, message: bytes) -> str:
    """RFC 2104 in two lines, so that neither hmac nor our own arithmetic vouches for itself."""
    inner, outer = (bytes(byte ^ pad for byte in key.ljust(64, b"\0")) for pad in (0x36, 0x5C))
    return hashlib.sha256(outer + hashlib.sha256(inner + message).digest()).hexdigest()


def by_hand(message: bytes) -> str:
    return hmac_by_hand(SAID["key_hex"].encode(), message)


def by_openssl(message: bytes) -> str:
    command = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"key:{SAID['key_hex']}"]
    done = subprocess.run(command, input=message, capture_output=True, check=True)
    return done.stdout.decode().split()[-1]


def test_the_published_page_is_what_is_made_now() -> None:
    assert PAGE.read_text(encoding="utf-8") == vectors_text(), (
        "write it anew: python -m tests.support.token_vectors > docs/reference/token-vectors.json"
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_every_token_is_the_hmac_of_its_message(case: dict[str, Any]) -> None:
    for kind, message in case["messages_hex"].items():
        expected = by_hand(bytes.fromhex(message))[:32] if message else None
        assert case["tokens"][kind] == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_a_message_is_the_version_the_kind_and_the_standard_forms(case: dict[str, Any]) -> None:
    """For the kinds whose parts are standard forms as they are; the derived ones are told in the reference."""
    for kind, parts in SAID["parts"].items():
        if set(parts) <= set(case["standard"]):
            values = [case["standard"][part] for part in parts]
            expected = None if None in values else "\x1f".join([SAID["token_version"], kind, *values]).encode().hex()
            assert case["messages_hex"][kind] == expected


def test_the_id_of_the_key_is_its_hmac_of_a_fixed_message() -> None:
    assert by_hand(bytes.fromhex(SAID["key_id_message_hex"]))[:8] == SAID["key_id"]


def test_the_vectors_cover_every_kind_and_every_missing_one() -> None:
    for kind in SAID["parts"]:
        assert {case["tokens"][kind] is None for case in CASES} == {True, False}, kind


def test_openssls_own_program_agrees_where_there_is_one() -> None:
    """The hand-made HMAC stands in where the program is missing, so that the claim is held everywhere."""
    mac = by_openssl if shutil.which("openssl") else by_hand
    messages = {kind: bytes.fromhex(message) for kind, message in CASES[0]["messages_hex"].items()}
    assert {kind: mac(message)[:32] for kind, message in messages.items()} == CASES[0]["tokens"]
