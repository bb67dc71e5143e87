"""Who becomes the parent of a process whose own parent has ended."""

from __future__ import annotations

import ctypes
import sys

_PR_SET_CHILD_SUBREAPER = 36


def take_in_orphans() -> bool:
    """On Linux, become the parent of all below whose own parent ends, whatever sessions they lead. Whether
    that was to be had."""
    return sys.platform == "linux" and ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1) == 0
