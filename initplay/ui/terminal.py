"""What a real terminal does to a program: it goes away, and it sends bytes that are no text."""

from __future__ import annotations

import asyncio
import codecs
import signal
from collections.abc import Callable
from functools import partial

from textual.drivers import linux_driver
from textual.drivers._writer_thread import WriterThread


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


class _Writer(WriterThread):
    """Textual's writer, which goes on taking what is written when there is no terminal to write it to."""

    def run(self) -> None:
        try:
            super().run()
        except OSError:  # SIGHUP is on its way; were nobody to take the writes, leaving would wait for ever
            while self._queue.get() is not None:
                pass


def survive_a_terminal_that_is_gone() -> None:
    """Leave when the terminal has been closed, rather than wait for it with the worker running on."""
    linux_driver.WriterThread = _Writer  # type: ignore[misc]
