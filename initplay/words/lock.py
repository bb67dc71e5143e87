"""Whose a file is, where several programs would write it."""

from __future__ import annotations

import fcntl
from typing import IO


def locked(file: IO[bytes] | int) -> bool:
    """Whether nobody else has the file, until it is closed; also where its disk knows no locks."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # some network's disk
        pass
    return True
