"""Handing the runs of a sweep to whatever executes them, some ahead and not all at once."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import TypeVar

Job = TypeVar("Job")
Outcome = TypeVar("Outcome")

AHEAD = 4
"""Jobs that wait for each worker: as many as keep it busy, and a million are never in memory at once."""


class ExecutorGone(Exception):
    """It has called off what it was given, and takes no more."""


def spread(
    executor: Executor, run: Callable[[Job], Outcome], jobs: Iterable[Job], workers: int
) -> Generator[tuple[Job, Outcome | BaseException], None, None]:
    """Each job with what came of it, in the order in which they end.

    What `run` raises, or an executor for a worker it lost, comes in the outcome's place. Closed early, what
    waits is called off. Raises ExecutorGone.
    """
    waiting: dict[Future[Outcome], Job] = {}
    left = iter(jobs)
    try:
        while True:
            while len(waiting) < workers * AHEAD and (job := next(left, None)) is not None:
                waiting[executor.submit(run, job)] = job
            if not waiting:
                return
            ended, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in ended:
                job = waiting.pop(future)
                if future.cancelled():
                    raise ExecutorGone
                yield job, future.exception() or future.result()
    finally:
        for future in waiting:
            future.cancel()
