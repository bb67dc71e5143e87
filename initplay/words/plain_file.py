"""Files that are named by somebody, and are to be read to their end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def opened(path: Path) -> BinaryIO:
    """A file, or a pipe with all that is written to it. Raises OSError, also for a device: it may not end.

    A pipe that nobody writes to is not waited for: it is empty.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode) or stat.S_ISFIFO(mode):
        os.set_blocking(descriptor, True)
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, "it is no file")


def contents(path: Path) -> bytes:
    """Raises OSError, as `opened` does."""
    with opened(path) as file:
        return file.read()
