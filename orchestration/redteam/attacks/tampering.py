"""Tampered requests: whatever is asked, the gate refuses or gives figures that the rules allow, and nothing else."""

import random

from orchestration.errors import ReleaseError
from orchestration.redteam.field import Field
from orchestration.redteam.invented import make_snapshot
from orchestration.redteam.trial import OURS, UNHIDDEN, Attack, Trial
from orchestration.redteam.weak import NothingHidden
from orchestration.release import Gate, ProtectedTable, Refused, Request
from orchestration.release.lattice import DIMENSIONS, MEASURES
from orchestration.release.policy import POLICIES

REQUESTS = 10_000
STRANGE = (
    "'; drop table serving.srv_person; --",
    "sex) or 1=1 --",
    "record_key",
    "srv_person.record_key",
    "person_no",
    "month_mask",
    "*",
    "",
    "\x00",
    "ｓｅｘ",
    "sex\n",
    "../../etc/passwd",
    "${secret}",
    "{columns}",
    "$month_mask",
    "-1",
    "1e9",
    "true",
)
PERIODS = ("all", "Y2025", "2026-Q2", "2026-03", "2026-3", "Y2025 or 1=1", "２０２６-03", "2026-03\n", "Y20255")
VALUES = (*STRANGE, "debt", "debt_advice", "F", "E02000001", "0-15", "START", "1", "2026-03", "debt+housing")


def draw(rng: random.Random) -> dict[str, object]:
    """Return one random question: mostly words of the grammar, some of them strange."""
    measure = rng.choice(tuple(MEASURES))
    own = MEASURES[measure]
    words = own.dimensions if rng.random() < 0.6 else (*DIMENSIONS, *STRANGE)
    relation = rng.choice(own.relation) if own.relation and rng.random() < 0.6 else ()
    chosen = (*relation, *rng.choices(words, k=rng.randrange(0, 3)))
    filters = {
        rng.choice(words): rng.choices(VALUES, k=rng.randrange(0, 4)) for _filter in range(rng.choice((0, 0, 1, 2)))
    }
    return {
        "measure": rng.choice(STRANGE) if rng.random() < 0.1 else measure,
        "by": chosen,
        "where": filters,
        "period": rng.choice(PERIODS),
        "policy": rng.choice(("dashboard", "public", "sensitive", "none", "")),
    }


def is_protected(table: ProtectedTable) -> bool:
    """Return whether every figure of an answer is one that the rules can give."""
    rules = table.policy or POLICIES[table.request.policy]
    return all(
        row[-1] is None or (int(row[-1]) >= rules.threshold and int(row[-1]) % rules.rounding_base == 0)
        for row in table.rows
    )


def ask(gate: Gate, *, requests: int) -> tuple[int, int, int]:
    """Return how many questions were answered, refused, and neither: an unprotected figure or a text of the inside."""
    rng = random.Random(7)  # noqa: S311 - the same questions in every run
    answered = refused = leaks = 0
    for _request in range(requests):
        try:
            table = gate.answer(Request.parse(**draw(rng)))  # type: ignore[arg-type]
        except Refused as refusal:
            refused += 1
            leaks += any(word in str(refusal) for word in ("bit_xor", "Error", "Traceback", "getvariable"))
        else:
            answered += 1
            leaks += not is_protected(table)
    return answered, refused, leaks


def refused_to_build(gate: Gate) -> bool:
    """Return whether a gate with no protection at all fails to make a table of a true count."""
    try:
        gate.answer(Request("people", ("service",)))
    except ReleaseError:
        return True
    return False


def run(field: Field) -> list[Trial]:
    """Measure the answers that are neither a refusal nor protected."""
    settings = field.under_rules(make_snapshot(field.folder("fuzzed"), people=field.people(2500), seed=5))
    answered, _refused, leaks = ask(Gate(settings), requests=REQUESTS)
    unprotected = Gate(settings, protection=lambda _secret, _policy: NothingHidden())
    return [
        Trial(UNHIDDEN, "tables of true counts that cannot even be built", float(refused_to_build(unprotected)),
              "at least", 1),
        Trial(OURS, "answers that are neither refusal nor protected figure", leaks, "at most", 0, answered, 300),
    ]  # fmt: skip


ATTACK = Attack(
    "tampering",
    "10,000 tampered requests",
    "The attacker writes what they like where the grammar has its words: database code, hidden columns, other scripts, "
    "negative numbers, too many dimensions.",
    run,
)
