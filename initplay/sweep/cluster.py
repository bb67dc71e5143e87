"""A cluster of Dask's, as an executor: any that its scheduler knows, over the network or on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

RETRIES = 3
"""How often a run is given to another worker where one died."""
PATIENCE = 10.0
"""Seconds until a scheduler that does not answer is given up."""
HERE = "local"
"""The address of a cluster that is made on this machine, and ends with the sweep."""


class NoCluster(Exception):
    """The cluster cannot be used; one sentence."""


@contextmanager
def cluster(address: str, workers: int) -> Iterator[tuple[Executor, int]]:
    """Its executor and how many runs it does at once. Raises NoCluster.

    `workers` are for a cluster made HERE, each a process of one thread.
    """
    try:
        import dask  # pyright: ignore[reportMissingImports]
        from distributed import Client, LocalCluster  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise NoCluster("A cluster needs Dask: pip install 'initplay[cluster]'.") from error
    made: Any = None
    try:
        if address == HERE:
            with dask.config.set(
                {"distributed.worker.profile.enabled": False}
            ):  # it asks each thread too often
                made = LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    dashboard_address=None,  # pyright: ignore[reportArgumentType] (none is made then)
                )
        client = Client(made or address, timeout=PATIENCE)
    except (OSError, ValueError) as error:  # a timeout is an OSError; ValueError: no such kind of address
        raise NoCluster(
            f"No scheduler of Dask answers at {address} ({str(error).splitlines()[0]})."
        ) from error
    try:
        _compare_versions(client, address)
        threads = sum(
            worker["nthreads"] for worker in client.scheduler_info(n_workers=-1)["workers"].values()
        )
        if not threads:
            raise NoCluster(
                f"The scheduler at {address} has no workers: start some, as with `dask worker {address}`."
            )
        yield client.get_executor(retries=RETRIES, pure=False), threads
    finally:
        client.close()
        if made:
            made.close()


def _compare_versions(client: Any, address: str) -> None:
    try:
        client.get_versions(check=True)
    except ValueError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise NoCluster(
            f"The cluster at {address} has other versions of Dask or Python than this machine: {lines[0]}"
        ) from error
