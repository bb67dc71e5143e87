"""torch as every process of a run has it: imported once, with no thread started and no device touched.

A process that has started torch's thread pool, or opened a device, cannot be forked: the child would have the
locks of threads that it does not have, and a context that is not its own.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys

from initplay.lab.mnist import dataset


class NoTorch(Exception):
    """torch cannot be imported; the message is one sentence."""


def import_torch(data: str) -> None:
    """Import torch and all that a run needs, and read the digits, so that every child has them.

    Raises NoTorch.
    """
    # OpenBLAS, which numpy brings, starts its threads when it is loaded. A child may have its own.
    with _only_during("OPENBLAS_NUM_THREADS", "1"):
        try:
            import torch

            # So that no child has to.
            import initplay.lab.clinic
            import initplay.lab.distributions
            import initplay.lab.init
            import initplay.lab.statistics
            import initplay.worker.perform  # noqa: F401
            from initplay.worker.warming import warm_server
        except (ImportError, OSError) as error:
            raise NoTorch(f"torch cannot be loaded: {error}.") from error
    torch.set_num_threads(1)  # none of this must start the others
    # torch asks at its first tensor whether those of 2 MB and more go on huge pages. A step that reads and
    # writes many MB, as of nets that train side by side, is a tenth shorter then.
    with _only_during("THP_MEM_ALLOC_ENABLE", "1"):
        warm_server()
    read_digits(data)
    gc.collect()
    gc.freeze()  # what is here now stays: not looked through again, and not copied by a child that looks


def import_what_torch_imports_later() -> None:
    """Import what torch does by itself when an optimizer is first made, or a gradient handed to `backward`.

    That takes over a second of each run that does so, in a process where it is not there already. Where it
    cannot be imported, such a run says so.
    """
    if "torch._dynamo" in sys.modules:
        return
    with contextlib.suppress(ImportError, OSError):
        import torch._dynamo  # noqa: F401
    gc.collect()
    gc.freeze()


def read_digits(data: str) -> str:
    """Read them, or the embedded ones where they cannot be read; what was wrong, as a sentence.

    In a child this costs nothing where its parent has read the same.
    """
    try:
        return dataset.use(data) or ""
    except dataset.DataError as error:
        dataset.use("embedded")
        return str(error)


@contextlib.contextmanager
def _only_during(name: str, value: str):
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
