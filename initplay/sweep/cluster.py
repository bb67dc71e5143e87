"""A cluster of Dask's, as an executor: any that its scheduler knows, over the network or on this machine."""

from __future__ import annotations

import asyncio
import logging
import os
import warnings
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from initplay import __version__

RETRIES = 3
"""How often what went wrong on a worker, and not in a run, is tried again. Workers that die Dask counts
itself: it gives up what has cost four."""
PATIENCE = 5.0
"""Seconds until a scheduler that does not answer is given up."""
HERE = "local"
"""The address of a cluster that is made on this machine, and ends with the sweep."""


_FEWER_QUESTIONS = {"distributed.worker.profile.enabled": False, "distributed.admin.tick.interval": "1s"}
"""How Dask is set up here: what it asks each process every few milliseconds takes longer than a short run."""


class NoCluster(Exception):
    """The cluster cannot be used; one sentence."""


@contextmanager
def cluster(address: str, workers: int) -> Iterator[tuple[Executor, int]]:
    """Its executor and how many runs it does at once. Raises NoCluster.

    The address may be the path of a file that the scheduler wrote. `workers` are for a cluster made HERE,
    each a process of one thread.
    """
    try:
        import dask.config
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise NoCluster("A cluster needs Dask: pip install 'initplay[cluster]'.") from error
    _silence_dask()
    made: Any = None
    try:
        if address == HERE:
            with dask.config.set(_FEWER_QUESTIONS):
                made = LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    dashboard_address=None,  # none is made then
                )
        if is_file := Path(address).is_file():
            client = Client(scheduler_file=address, timeout=PATIENCE)
        elif os.sep in address and "://" not in address:
            raise NoCluster(f"There is no {address}: the scheduler writes it when it starts.")
        else:
            client = Client(made or address, timeout=PATIENCE)
    except (OSError, asyncio.TimeoutError, ValueError, MemoryError) as error:
        # ValueError: no such kind of address. MemoryError: another program's greeting was taken for a length.
        if made:
            made.close()
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise NoCluster(f"No scheduler of Dask answers at {address} ({reason}).") from error
    try:
        _compare_versions(client, address)
        threads = sum(
            worker["nthreads"] for worker in client.scheduler_info(n_workers=-1)["workers"].values()
        )
        if not threads:
            how = f"--scheduler-file {address}" if is_file else address
            raise NoCluster(
                f"The scheduler at {address} has no workers yet: start some, as with `dask worker {how}`."
            )
        yield client.get_executor(retries=RETRIES, pure=False), threads
    finally:
        client.close()
        if made:
            made.close()


def _silence_dask() -> None:
    """What matters of what it logs is said in a sentence; it sets the level of each of its loggers."""
    for name in list(logging.Logger.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _compare_versions(client: Any, address: str) -> None:
    """Raises NoCluster where a worker could not do what this machine does, or would do it otherwise."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are about packages that a run has no use for
            client.get_versions(check=True)
    except ValueError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise NoCluster(
            f"The cluster at {address} has other versions of Dask or Python than this machine: {lines[0]}"
        ) from error
    # By builtins alone: what a worker lacks it could not be asked by.
    for worker, found in client.run(eval, _VERSION, on_error="return").items():
        if problem := _problem(found):
            raise NoCluster(f"The worker at {worker} {problem}.")


_VERSION = "__import__('initplay').__version__"


def _problem(found: Any) -> str:
    """What is wrong with a worker's version of initplay, as the end of a sentence; empty where nothing is."""
    if isinstance(found, ImportError):
        return f"cannot run experiments ({found}): install initplay in its Python"
    if isinstance(found, BaseException):
        return f"does not say what it has ({found})"
    if found == __version__:
        return ""
    return f"has initplay {found}, and this machine {__version__}: install the same"
