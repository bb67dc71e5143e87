"""Runs are handed out some ahead, to any executor, and each comes back once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from initplay.sweep.spread import AHEAD, ExecutorGone, spread


def squared(number: int) -> int:
    if number == 7:
        raise ValueError("seven")
    return number**2


@pytest.mark.parametrize("workers", [1, 3])
def test_each_job_comes_back_once_with_what_came_of_it(workers):
    with ThreadPoolExecutor(workers) as executor:
        outcomes = dict(spread(executor, squared, range(50), workers))
    assert isinstance(outcomes.pop(7), ValueError)
    assert outcomes == {number: number**2 for number in range(50) if number != 7}


def test_processes_do_as_well():
    with ProcessPoolExecutor(1) as executor:
        assert dict(spread(executor, squared, range(5), 1)) == {number: number**2 for number in range(5)}


def test_no_more_is_taken_than_keeps_the_workers_busy():
    taken = Counter[str]()

    def jobs():
        for number in range(1000):
            taken["jobs"] += 1
            yield number

    with ThreadPoolExecutor(2) as executor:
        handed = spread(executor, squared, jobs(), 2)
        next(handed)
        assert taken["jobs"] <= 2 * AHEAD
        handed.close()
    assert taken["jobs"] <= 2 * AHEAD


def test_short_jobs_go_in_batches_and_each_comes_back_once_all_the_same():
    handed = []

    class Counting(ThreadPoolExecutor):
        def submit(self, fn, /, *args, **kwargs):
            handed.append(len(args[1]))
            return super().submit(fn, *args, **kwargs)

    with Counting(2) as executor:
        outcomes = dict(spread(executor, squared, range(2000), 2, batches=True))
    assert isinstance(outcomes.pop(7), ValueError)
    assert outcomes == {number: number**2 for number in range(2000) if number != 7}
    assert handed[0] == 1 and max(handed) > 10 and sum(handed) == 2000


def test_an_executor_that_calls_off_its_jobs_is_gone():
    class Gone(ThreadPoolExecutor):
        def submit(self, fn, /, *args, **kwargs):
            future = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    with pytest.raises(ExecutorGone):
        list(spread(Gone(1), squared, range(3), 1))


def test_without_jobs_there_is_nothing():
    with ThreadPoolExecutor(1) as executor:
        assert not list(spread(executor, squared, [], 1))
