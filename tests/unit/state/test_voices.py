"""Notes are kept with a consent only, never with an identifier, and a withdrawal removes their words for good."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from orchestration.feeds.clear_identifiers import identifiers_in_text
from orchestration.state.store import Store
from orchestration.state.text_checks import TextError
from orchestration.state.voices import NewVoice, add_voice, read_voices, withdraw_voice

SAID = "I told my whole story five times before anybody wrote it down."
NEW = NewVoice("quote", SAID, "consent-17", "housing", "a workshop in spring", date(2026, 5, 1), "between_homes")


def add(store: Store, **changes: object) -> str:
    return add_voice(store, replace(NEW, **changes), steps=["housing", "debt"], personas=["between_homes"])  # type: ignore[arg-type]


def test_a_note_is_kept_and_shown_by_its_persona(store: Store) -> None:
    add(store)
    add(store, persona=None, words="Nobody rang back.")
    assert [one.words for one in read_voices(store, persona="between_homes")] == [SAID]
    assert len(read_voices(store)) == 2


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"consent_reference": " "}, "needs a consent reference"),
        ({"words": ""}, "'words' is empty"),
        ({"step": "nowhere"}, "There is no step"),
        ({"persona": "nobody"}, "There is no persona"),
        ({"kind": "rumour"}, "one of quote, observation"),
        ({"words": "Karen at the desk was kind."}, "a person's name"),
        ({"source": "interview in SW1A 1AA"}, "a full postcode"),
        ({"words": "x" * 3000}, "3,000 characters"),
    ],
)
def test_what_may_not_be_kept_is_refused_and_nothing_is_kept(store: Store, changes: dict[str, str], told: str) -> None:
    with pytest.raises(TextError, match=told) as error:
        add(store, **changes)
    assert read_voices(store) == []
    assert "Karen" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "Ring me on 07700 900123", "me@example.org", "AB 12 34 56 C", "NHS 943 476 5919", "we live at SW1A 1AA",
        "sw1a1aa",
        "Mrs Xu said no", "karen smith was kind", "born on 3 May", "on 03/05/1991", "Karen's mum came",
        "id 9f8e7d6c5b4a3f2e",
    ],
)  # fmt: skip
def test_identifiers_are_seen_anywhere_in_a_text(text: str) -> None:
    assert identifiers_in_text(text)


@pytest.mark.parametrize(
    "text",
    [SAID, "I waited 6 weeks in 2025.", "Will it help? Mark my words, I live in hope.", "£1,250 of debt, 3 letters"],
)
def test_plain_words_are_let_through(text: str) -> None:
    assert identifiers_in_text(text) == ()


def test_a_withdrawal_removes_words_and_source_and_the_consent_is_not_used_again(store: Store) -> None:
    kept = add(store)
    assert withdraw_voice(store, kept, on=date(2026, 6, 1))
    assert not withdraw_voice(store, kept, on=date(2026, 6, 2))
    assert read_voices(store) == []
    (left,) = read_voices(store, is_everything=True)
    assert (left.words, left.source, left.withdrawn_on) == (None, None, date(2026, 6, 1))
    with pytest.raises(TextError, match="was withdrawn"):
        add(store)
    with pytest.raises(TextError, match="no note of that id"):
        withdraw_voice(store, "v-none", on=date(2026, 6, 1))


def test_no_byte_of_withdrawn_words_is_left_in_the_file(tmp_path: Path) -> None:
    from orchestration.state.store import url_of

    store = Store(url_of(f"sqlite:///{tmp_path / 'joinedup.sqlite'}"))
    kept = add(store)
    assert b"five times" in (tmp_path / "joinedup.sqlite").read_bytes()
    withdraw_voice(store, kept, on=date(2026, 6, 1))
    store.close()
    assert not any(b"five times" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
