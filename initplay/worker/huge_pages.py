"""A server's memory on huge pages, whose table is short: a fork copies it, and the end of a process frees it.

torch and what a run needs are some 150 MB: 37,000 pages of 4 KB, or 70 of 2 MB. A fork and its end take some
14 ms of a core with the former, and 5 with the latter. Of a page that a child writes to 4 KB are copied, as
before.
"""

from __future__ import annotations

import ctypes
import re
import sys

from initplay.worker.manners import libc

SIZE = 2 * 1024 * 1024
"""Bytes of a huge page where Linux runs most often. Where it is another, nothing is lost."""
_MADV_COLLAPSE = 25  # since Linux 6.1
_WRITABLE_OF_OUR_OWN = re.compile(r"^([\da-f]+)-([\da-f]+) rw-p \S+ \S+ 0 +(?:\[heap\])?$", re.M)


def put_on_huge_pages() -> None:
    """What this process has in memory that no file holds; a system that has none leaves it as it is."""
    if sys.platform != "linux":
        return
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
            found = _WRITABLE_OF_OUR_OWN.findall(maps.read())
    except OSError:  # /proc is hidden from us
        return
    for first, end in ((int(first, 16), int(end, 16)) for first, end in found):
        begin = -(-first // SIZE) * SIZE
        size = end // SIZE * SIZE - begin
        if size > 0:  # refused where a part was never written to, after the others were dealt with
            libc().madvise(ctypes.c_void_p(begin), ctypes.c_size_t(size), _MADV_COLLAPSE)
