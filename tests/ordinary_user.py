"""What root may do and others may not."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

_VERSION = 0x20080522
_DAC_OVERRIDE, _DAC_READ_SEARCH, _SYS_ADMIN = 1, 2, 21


@contextmanager
def who_changes_one_session_at_a_time() -> Iterator[None]:
    """Have this thread do without CAP_SYS_ADMIN, with which Linux lets any number be changed at once."""
    with _without(_SYS_ADMIN):
        yield


@contextmanager
def who_is_kept_out_of_folders() -> Iterator[None]:
    """Have this thread do without what lets root read and search any folder."""
    with _without(_DAC_OVERRIDE, _DAC_READ_SEARCH):
        yield


@contextmanager
def _without(*capabilities: int) -> Iterator[None]:
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_VERSION, 0)
    before = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; the same of the upper 32
    assert libc.capget(header, before) == 0
    without = (ctypes.c_uint32 * 6)(*before)
    for capability in capabilities:
        without[0] &= ~(1 << capability)
    assert libc.capset(header, without) == 0
    try:
        yield
    finally:
        assert libc.capset(header, before) == 0
