"""Which canonical field a partner's column is likely to fill, by its header and by its values; and which code is meant.

For drafts only: a person decides. What belongs here: proposing. What does not: writing the draft (drafting), what a
column looks like (profiles).
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from orchestration.area.contracts import Entity
from orchestration.area.reading import PlainLoader
from orchestration.feeds.canonical import FIELDS, RECORD_REFERENCE, TOKEN_FIELDS
from orchestration.feeds.crosswalks import crosswalk_lists
from orchestration.feeds.profiles import Profile

CLOSE = 0.84
EVERYDAY = frozenset(
    ("a", "advice", "and", "at", "for", "help", "in", "of", "on", "or", "service", "services", "support", "team", "the")
)
"""Words that tell no service from another."""
LEAST_SCORE = 1.0
CROSSWALK_SHARE = 0.8
"""Of a column's rows, for a shared code list to be the one that the partner uses."""
LEAST_TELLING = 3
"""Values of so many letters, and so many of them, for values alone to tell what a column is."""
CROSSWALKS = {"sex": "sex_", "ethnicity_code": "ethnicity_", "referral_source": "referral_source_"}
CODED = ("sex", "gender", "ethnicity_code", "service_id", "referral_source", "status", "end_reason", "outcome",
         "contact_type", "attendance", "need_code", "level")  # fmt: skip
DATED = ("valid_from", "referral_date", "start_date", "end_date", "contact_date", "recorded_date")
NEEDS_ONE_OF: dict[Entity, tuple[str, ...]] = {
    "episode": ("start_date", "end_date", "referral_date", "status", "service_id", "episode_ref"),
    "contact": ("contact_date", "attendance"),
    "need": ("need_code",),
}


@dataclass(frozen=True)
class Likely:
    """One proposal: this column fills this field. `why` is the header's phrase or what the values look like."""

    entity: Entity
    field: str
    column: str
    score: float
    why: str


@cache
def vocabulary() -> dict[str, Any]:
    """Return the words by which fields and codes are recognised."""
    text = (resources.files("orchestration.feeds") / "likely_fields.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.load(text, Loader=PlainLoader)  # noqa: S506 - a safe loader with fewer guesses
    return found


def opened(header: str) -> str:
    """Return a header in lower-case words: 'LearnStartDate' and 'learn_start-date' are 'learn start date'."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", header)
    return " ".join(re.findall(r"[^\W_]+", apart.lower()))


def likely_fields(profiles: Mapping[str, Profile], folders: Sequence[Path]) -> dict[Entity, dict[str, Likely]]:
    """Return for each entity the column that most likely fills each field; a column fills one field at most.

    References are the exception: the person's goes into every entity that the file fills.
    """
    proposals = [proposal for profile in profiles.values() for proposal in _proposals(profile, folders)]
    order = list(profiles)
    proposals.sort(key=lambda p: (-p.score, order.index(p.column)))
    taken: set[str] = set()
    found: dict[Entity, dict[str, Likely]] = {}
    for proposal in proposals:
        if proposal.column in taken or proposal.field in found.get(proposal.entity, {}):
            continue
        found.setdefault(proposal.entity, {})[proposal.field] = proposal
        taken.add(proposal.column)
    filled: dict[Entity, dict[str, Likely]] = {"person": found.get("person", {})}
    for entity, needed in NEEDS_ONE_OF.items():
        if set(needed) & set(found.get(entity, {})):
            filled[entity] = found[entity]
    return filled


def crosswalk_for(field: str, profile: Profile, folders: Sequence[Path]) -> str | None:
    """Return the shared code list that holds nearly all rows of a column, the one with fewest codes of several."""
    prefix = CROSSWALKS.get(field)
    total = sum(rows for _, rows in profile.codes)
    if not prefix or not total:
        return None
    fits: list[tuple[float, int, str]] = []
    for name, codes in crosswalk_lists(folders).items():
        known = {code.strip().casefold() for code in codes}
        held = sum(rows for value, rows in profile.codes if value.casefold() in known)
        if name.startswith(prefix) and held >= CROSSWALK_SHARE * total:
            fits.append((-held, len(codes), name))
    return min(fits)[2] if fits else None


def known_words(field: str, allowed: Mapping[str, str]) -> dict[str, str]:
    """Return the words that the product or the area itself has for a field's codes, with the code that each means."""
    words: dict[str, str] = {}
    for code, name in allowed.items():
        words |= {opened(name): code, opened(code): code}
    for code, alike in vocabulary()["codes"].get(field, {}).items():
        words |= {opened(word): code for word in alike}
    return words


def likely_code(field: str, value: str, allowed: Mapping[str, str]) -> str | None:
    """Return the canonical code that a partner's code most likely means; None when nothing is close enough."""
    said = opened(value)
    words = known_words(field, allowed)
    if value in allowed:
        return value
    if said in words:
        return words[said]
    close = difflib.get_close_matches(said, list(words), n=1, cutoff=CLOSE)
    if close:
        return words[close[0]]
    telling = set(said.split()) - EVERYDAY
    alike = {code for name, code in words.items() if telling & set(name.split())}
    return alike.pop() if field == "service_id" and len(alike) == 1 else None


def _proposals(profile: Profile, folders: Sequence[Path]) -> list[Likely]:
    """Return every field that a column could fill."""
    if profile.kind in ("identifier", "empty"):
        return []
    header = opened(profile.name)
    if profile.kind == "token":
        return _token(profile, header)
    if profile.kind == "area":
        return [Likely("person", "lsoa_code", profile.name, 4.0, "its values are LSOA codes")]
    found: list[Likely] = []
    for entity, fields in vocabulary()["headers"].items():
        for field, phrases in fields.items():
            score, phrase = _header_score(header, phrases)
            if score and _fits(entity, field, profile):
                found.append(Likely(entity, field, profile.name, score, f"header says '{phrase}'"))
    for field in CROSSWALKS:
        is_named = any(likely.field == field for likely in found)
        if not is_named and sum(len(value) >= LEAST_TELLING for value, _ in profile.codes) < LEAST_TELLING:
            continue  # 'A', '1' and their like are in every list
        if name := crosswalk_for(field, profile, folders):
            weight = 3.5 if is_named else 1.5
            whose: Entity = "episode" if field == "referral_source" else "person"
            found.append(Likely(whose, field, profile.name, weight, f"its values are those of {name}"))
    return found


def _token(profile: Profile, header: str) -> list[Likely]:
    names = (*TOKEN_FIELDS, "household_token", "trusted_ref")
    field = next((name for name in names if opened(name) == header), None)
    if field is None:
        close = difflib.get_close_matches(header, [opened(name) for name in names], n=1, cutoff=CLOSE)
        field = next((name for name in names if close and opened(name) == close[0]), None)
    return [Likely("person", field, profile.name, 9.0, "its values are tokens")] if field else []


def _header_score(header: str, phrases: Sequence[str]) -> tuple[float, str]:
    """Return how well a header says one of the phrases: by the share of its words, more for longer phrases."""
    best = (0.0, "")
    words = header.split()
    compact = "".join(words)
    for phrase in phrases:
        said = phrase.split()
        if "".join(said) == compact:
            score = 3.0 + 0.1 * len(said)
        elif all(word in words for word in said):
            score = len(said) + len(said) / len(words)
            score = score if len(said) > 1 else score * 0.9
        else:
            continue
        best = max(best, (score, phrase))
    return best if best[0] >= LEAST_SCORE else (0.0, "")


def _fits(entity: Entity, field: str, profile: Profile) -> bool:
    """Tell whether a column's values could be a field's at all."""
    if field == "birth_month":
        return profile.kind in ("month", "date")
    if field in DATED:
        return profile.kind == "date"
    if field in CODED:
        return bool(profile.codes)
    is_reference = field in ("source_ref", RECORD_REFERENCE[entity])
    if is_reference:
        return profile.kind in ("text", "integer", "code") and profile.distinct > 1
    return field in FIELDS[entity] and profile.kind in ("text", "code")
