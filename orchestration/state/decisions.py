"""The decision log: what was asked, on which evidence, what was decided, by whom, and when it is looked at again."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert, select, update

from orchestration.release import Gate
from orchestration.state import tables
from orchestration.state.store import Store
from orchestration.state.text_checks import TextError, checked_texts
from orchestration.state.views import Figures, SavedView, save_view

DIRECTIONS = ("up", "down", "level")
MOST_VIEWS = 6


@dataclass(frozen=True, slots=True)
class NewDecision:
    """A decision as somebody writes it down. `owner` is an organisation or a role; `views` are addresses of charts."""

    title: str
    question: str
    decision: str
    owner: str
    expected_change: str
    decided_on: date
    review_on: date
    views: tuple[str, ...]
    expected_direction: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as it is kept, with its evidence. Those of the area pack have none."""

    decision_id: str
    decided_on: date
    title: str
    question: str
    decision: str
    owner: str
    expected_change: str
    expected_direction: str | None
    review_on: date | None
    reviewed_on: date | None = None
    review_found: str | None = None
    views: tuple[SavedView, ...] = ()
    is_of_pack: bool = False

    def is_due(self, today: date) -> bool:
        """Whether its review is due and nobody has written down what was found."""
        return self.review_on is not None and self.review_on <= today and not self.review_found


def add_decision(store: Store, gate: Gate, new: NewDecision, *, who: str) -> str:
    """Keep a decision with its evidence as shown now, and return its id; raise TextError and keep nothing."""
    texts = checked_texts(
        {
            "title": new.title,
            "question": new.question,
            "decision": new.decision,
            "owner": new.owner,
            "expected change": new.expected_change,
        }
    )
    if new.review_on <= new.decided_on:
        raise TextError("The review must be later than the decision.")
    if new.expected_direction not in (None, *DIRECTIONS):
        raise TextError(f"The expected direction is one of {', '.join(DIRECTIONS)}.")
    addresses = [address for address in new.views if address.strip()]
    if not 1 <= len(addresses) <= MOST_VIEWS:
        raise TextError(f"A decision rests on 1 to {MOST_VIEWS} charts; {len(addresses)} are named.")
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    views = [save_view(gate, one, number=number, at=now, who=who) for number, one in enumerate(addresses, start=1)]
    decision_id = f"d-{now:%Y%m%d}-{secrets.token_hex(3)}"
    with store.begin() as connection:
        connection.execute(
            insert(tables.decision).values(
                decision_id=decision_id,
                decided_on=new.decided_on,
                title=texts["title"],
                question=texts["question"],
                decision=texts["decision"],
                owner=texts["owner"],
                expected_change=texts["expected change"],
                expected_direction=new.expected_direction,
                review_on=new.review_on,
                recorded_at=now,
            )
        )
        connection.execute(insert(tables.saved_view), [_row(decision_id, view) for view in views])
    return decision_id


def read_decisions(store: Store) -> list[Decision]:
    """Return the log, newest first."""
    with store.begin() as connection:
        views = connection.execute(select(tables.saved_view).order_by("decision_id", "view_no")).mappings().all()
        rows = (
            connection.execute(
                select(tables.decision).order_by(tables.decision.c.decided_on.desc(), tables.decision.c.decision_id)
            )
            .mappings()
            .all()
        )
    by_decision: dict[str, list[SavedView]] = {}
    for row in views:
        by_decision.setdefault(row["decision_id"], []).append(_view(row))
    return [
        Decision(
            **{name: value for name, value in row.items() if name != "recorded_at"},
            views=tuple(by_decision.get(row["decision_id"], ())),
        )
        for row in rows
    ]


def pack_decisions(rows: Sequence[Mapping[str, Any]]) -> list[Decision]:
    """Return the decisions of decisions.csv in the same shape: they are shown beside the log and stay in the pack."""
    return [
        Decision(
            decision_id=row["decision_id"],
            decided_on=row["decided_on"],
            title=row["title"],
            question=row["question"],
            decision=row["decision"],
            owner=row["organization_id"],
            expected_change=row["expected_change"],
            expected_direction=None,
            review_on=row["review_on"],
            review_found=row["review_found"],
            is_of_pack=True,
        )
        for row in rows
    ]


def find_decision(store: Store, decision_id: str) -> Decision:
    """Return one decision of the log; raise TextError where there is none of that id."""
    found = next((one for one in read_decisions(store) if one.decision_id == decision_id), None)
    if found is None:
        raise TextError(
            "The log holds no decision of that id: `joinedup decisions list` shows them. Those of the "
            "area pack are reviewed in decisions.csv."
        )
    return found


def note_review(store: Store, decision_id: str, found: str, *, on: date) -> None:
    """Write down what a review found; a second one replaces the first."""
    find_decision(store, decision_id)
    words = checked_texts({"what was found": found})["what was found"]
    with store.begin() as connection:
        connection.execute(
            update(tables.decision)
            .where(tables.decision.c.decision_id == decision_id)
            .values(reviewed_on=on, review_found=words)
        )


def _row(decision_id: str, view: SavedView) -> dict[str, Any]:
    return {
        "view_id": f"{decision_id}-{view.view_no}",
        "decision_id": decision_id,
        "view_no": view.view_no,
        "address": view.address,
        "snapshot_id": view.snapshot_id,
        "asked": view.asked,
        "figures": view.figures.to_json(),
        "saved_at": view.saved_at,
    }


def _view(row: Any) -> SavedView:
    return SavedView(
        row["view_no"],
        row["address"],
        row["snapshot_id"],
        row["asked"],
        Figures.from_json(row["figures"]),
        row["saved_at"],
    )
