"""Working one step ahead: the same items in order, errors where they belong, and no work that nobody asks for."""

import threading
from collections.abc import Iterator

import pytest

from orchestration.feeds.ahead import ahead


def test_the_items_come_in_order_from_another_thread() -> None:
    makers: set[int] = set()

    def items() -> Iterator[int]:
        for number in range(50):
            makers.add(threading.get_ident())
            yield number

    assert list(ahead(items())) == list(range(50))
    assert threading.get_ident() not in makers


def test_an_error_is_raised_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("third")

    taken: list[int] = []
    with pytest.raises(ValueError, match="third"):
        taken.extend(ahead(items()))
    assert taken == [1, 2]


def test_whoever_stops_asking_stops_the_work() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1_000):
            made.append(number)
            yield number

    asked = ahead(items())
    assert next(asked) == 0
    asked.close()  # type: ignore[attr-defined]
    assert len(made) <= 3


def test_what_is_none_or_false_is_an_item_too() -> None:
    assert list(ahead([None, 0, False])) == [None, 0, False]
