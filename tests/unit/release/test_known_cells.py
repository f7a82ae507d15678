"""The same is counted once: again from memory, at once by one alone; and an answer has a least time."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from orchestration.release import Gate, Request
from orchestration.release.cells import Cells
from orchestration.release.known_cells import KnownCells
from orchestration.settings import Settings

QUESTION = ("people", ("theme",), "all")
CELLS: Cells = {("debt",): (12, 3)}


def test_twenty_who_ask_at_once_count_once() -> None:
    known, counted, lock = KnownCells(), [], threading.Lock()

    def count() -> Cells:
        with lock:
            counted.append(1)
        time.sleep(0.05)
        return CELLS

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: known.get(QUESTION, count), range(20)))
    assert found == [CELLS] * 20
    assert len(counted) == 1


def test_another_period_is_another_question_and_the_oldest_is_forgotten() -> None:
    known, counted = KnownCells(most=2), []

    def asked(period: str) -> int:
        def count() -> Cells:
            counted.append(period)
            return {(period,): (12, 3)}

        return len(known.get(("people", ("theme",), period), count))

    for period in ("a", "b", "a", "c", "a", "b"):
        assert asked(period) == 1
    assert counted == ["a", "b", "c", "b"]


def test_a_count_that_failed_is_made_again() -> None:
    known, attempts = KnownCells(), iter((ZeroDivisionError, None))

    def count() -> Cells:
        error = next(attempts)
        if error:
            raise error
        return CELLS

    try:
        known.get(QUESTION, count)
    except ZeroDivisionError:
        assert known.get(QUESTION, count) == CELLS
    else:
        raise AssertionError("the first count did not fail")


def test_an_answer_made_anew_takes_its_least_time_and_one_asked_before_does_not(published: Settings) -> None:
    gate, request = Gate(published, floor_seconds=0.8), Request("people", ("sex",), {}, "all")
    gate.catalogue()
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        gate.answer(request)
        seconds.append(time.perf_counter() - start)
    assert seconds[0] >= 0.8
    assert seconds[1] < 0.4
