"""Handing the runs of a sweep to whatever executes them, some ahead and not all at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from itertools import islice
from typing import TypeVar

Job = TypeVar("Job")
Outcome = TypeVar("Outcome")

AHEAD = 4
"""Batches that wait for each worker: as many as keep it busy, and a million are never in memory at once."""
WORTH_SENDING = 0.5
"""Seconds of work in a batch, where to hand over a job takes about as long as a short one."""
MOST_TOGETHER = 50


class ExecutorGone(Exception):
    """It has called off what it was given, and takes no more."""


def spread(
    executor: Executor,
    run: Callable[[Job], Outcome],
    jobs: Iterable[Job],
    workers: int,
    *,
    batches: bool = False,
) -> Generator[tuple[Job, Outcome | Exception], None, None]:
    """Each job with what came of it, in the order in which they end; in `batches` where they are short.

    What `run` raises, or an executor for a worker it lost, comes in the outcome's place. Closed early, what
    waits is called off. Raises ExecutorGone.
    """
    waiting: dict[Future[list[Outcome | Exception]], list[Job]] = {}
    left = iter(jobs)
    size = 1
    began, done = time.monotonic(), 0
    try:
        while True:
            while len(waiting) < workers * AHEAD and (batch := list(islice(left, size))):
                waiting[executor.submit(_each, run, batch)] = batch
            if not waiting:
                return
            ended, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in ended:
                batch = waiting.pop(future)
                yield from zip(batch, _outcomes(future, len(batch)), strict=True)
                done += len(batch)
            if batches and done >= workers:  # before that it is mostly the start
                took = (time.monotonic() - began) * workers / done
                size = max(1, min(MOST_TOGETHER, int(WORTH_SENDING / took)))
    finally:
        for future in waiting:
            future.cancel()


def _each(run: Callable[[Job], Outcome], jobs: list[Job]) -> list[Outcome | Exception]:
    """What comes of each, be it what it raised."""
    return [_outcome(run, job) for job in jobs]


def _outcome(run: Callable[[Job], Outcome], job: Job) -> Outcome | Exception:
    try:
        return run(job)
    except Exception as error:  # noqa: BLE001 (whoever asked is told)
        return error


def _outcomes(future: Future[list[Outcome | Exception]], count: int) -> list[Outcome | Exception]:
    if future.cancelled():
        raise ExecutorGone
    lost = future.exception()
    if lost is None:
        return future.result()
    if not isinstance(lost, Exception):
        raise lost
    return [lost] * count
