"""What a real terminal does to a program: it goes away, and it sends bytes that are no text."""

from __future__ import annotations

import asyncio
import codecs
import signal
from collections.abc import Callable
from functools import partial

from textual.drivers import linux_driver


def leave_on_signals(leave: Callable[[], object]) -> None:
    """Leave in good order on SIGTERM and SIGHUP, so that the terminal is restored and the worker ends."""
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(sign, leave)


def survive_bytes_that_are_no_text() -> None:
    """A mouse report of the old kind, past column 95, is not UTF-8; Textual's driver would end the app.

    tmux sends such reports after it was attached again (Textual issue 6668).
    """
    lenient = partial(codecs.getincrementaldecoder("utf-8"), errors="replace")
    linux_driver.getincrementaldecoder = lambda encoding: lenient  # type: ignore[attr-defined]
