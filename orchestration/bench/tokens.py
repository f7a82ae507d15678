"""How fast a partner's tokens are made on one core, beside what OpenSSL does on it in the same run.

Two yardsticks, since "OpenSSL's rate" has two meanings. `one_shot`: the same messages through OpenSSL's HMAC call, one
by one, as any program in Python makes them. `speed`: `openssl speed`, a loop in C over one block of the messages' mean
length with the key set once. Rates are of processor seconds of all threads together, so that they are a core's.
"""

import datetime as dt
import hashlib
import hmac
import random
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from orchestration.feeds.identifiers import standardise
from orchestration.feeds.keys import written
from orchestration.feeds.token_hashing import digests
from orchestration.feeds.tokens import messages_of, tokens_of

PEOPLE = 60_000
KEY = hashlib.sha256(b"the key of the benchmark").digest()
SECONDS = 1
REPEATS = 2
LETTERS = "BCDFGHKLMNPRSTVW"
SPEED = re.compile(r"^\+F:\d+:hmac\(sha256\):([\d.]+)$", re.MULTILINE)


@dataclass(frozen=True)
class TokenRates:
    """Rates a second of one core. `made`: from identifiers as written; `hashed`: the digests alone. speed is None where
    there is no openssl program to ask."""

    tokens: int
    message_bytes: int
    made: int
    hashed: int
    one_shot: int
    speed: int | None
    made_to_one_shot: float
    made_to_speed: float | None
    hashed_to_speed: float | None


def measure_tokens(people: int = PEOPLE) -> TokenRates:
    """Make the tokens of invented people, the best of two times, and measure both yardsticks on the same messages."""
    clear = _invented(people)
    standard = standardise(clear)
    messages = pl.concat([column.drop_nulls().alias("message") for column in messages_of(standard)])
    texts = messages.cast(pl.Binary).to_list()
    size = round(sum(map(len, texts)) / len(texts))
    key = written(KEY)
    made = _rate(len(messages), lambda: tokens_of(standardise(clear), KEY))
    hashed = _rate(len(messages), lambda: digests(messages, key))
    one_shot = _rate(len(messages), lambda: [hmac.digest(key.encode(), text, "sha256") for text in texts])
    speed = openssl_speed(size)
    return TokenRates(
        tokens=len(messages),
        message_bytes=size,
        made=made,
        hashed=hashed,
        one_shot=one_shot,
        speed=speed,
        made_to_one_shot=round(made / one_shot, 2),
        made_to_speed=round(made / speed, 2) if speed else None,
        hashed_to_speed=round(hashed / speed, 2) if speed else None,
    )


def openssl_speed(size: int) -> int | None:
    """Return how many HMAC-SHA-256 of messages of a size the openssl program makes a second; None without one."""
    program = shutil.which("openssl")
    if program is None:
        return None
    command = [program, "speed", "-mr", "-seconds", str(SECONDS), "-bytes", str(size), "-hmac", "sha256"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
    found = SPEED.search(done.stdout + done.stderr)
    return round(float(found[1]) / size) if found else None


def describe_tokens(rates: dict[str, Any]) -> str:
    """Return the rates in words."""
    say = (
        f"Tokens: {rates['made']:,} a second and core from identifiers as written ({rates['hashed']:,} hashed alone).\n"
        f"OpenSSL's HMAC, called once a message: {rates['one_shot']:,}; the tokens reach {rates['made_to_one_shot']} "
        "times that.\n"
    )
    if rates["speed"] is None:
        return f"{say}There is no openssl program here, so `openssl speed` was not asked."
    size, hashed, made = rates["message_bytes"], rates["hashed_to_speed"], rates["made_to_speed"]
    reached = f"the digests reach {hashed}, the tokens {made} of it."
    return f"{say}`openssl speed` at {size} bytes: {rates['speed']:,}; {reached}"


def _rate(count: int, work: Callable[[], object]) -> int:
    best = float("inf")
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return round(count / best)


def _invented(people: int) -> pl.DataFrame:
    """Return people who never were: 2,000 forenames, 20,000 surnames, two to a home, an NHS number each."""
    chance = random.Random(1)  # noqa: S311 - nobody's secret
    names = ["".join(chance.choices(LETTERS, k=6)) for _ in range(22_000)]
    first_day = dt.date(1935, 1, 1)
    return pl.DataFrame(
        {
            "forename": chance.choices(names[:2_000], k=people),
            "surname": chance.choices(names[2_000:], k=people),
            "birth_date": [first_day + dt.timedelta(chance.randrange(32_000)) for _ in range(people)],
            "nhs_number": [_nhs_number(400_000_000 + number) for number in range(people)],
            "ni_number": [f"AB{number:06d}C" for number in range(people)],
            "postcode": [f"BA{1 + number % 20} {number % 10}AB" for number in range(people)],
            "uprn": [str(100_000 + number // 2) for number in range(people)],
        }
    )


def _nhs_number(stem: int) -> str:
    """Return the stem with its check digit; those whose check digit would be 10 are not valid, as in life."""
    total = sum(int(digit) * weight for digit, weight in zip(str(stem), range(10, 1, -1), strict=True))
    return f"{stem}{(11 - total % 11) % 11 % 10}"
