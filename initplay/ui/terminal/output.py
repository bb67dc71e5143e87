"""Output to a terminal that may be slow, or gone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TextIO

from initplay.ui.terminal.sgr import without_repeats


class Output:
    """Wraps the terminal's file; knows whether the terminal has taken every write, and says when it has.

    The loop announces a write with `expect`; the thread of Textual's writer makes it with `write`. When the
    terminal is gone, writes are accepted and dropped: else Textual would wait for them for ever at its end.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._waiting = 0
        self._gone = False
        self.when_taken: Callable[[], object] | None = None
        """Called in the loop each time that nothing is left to write."""

    @property
    def busy(self) -> bool:
        return self._waiting > 0

    def begin(self) -> None:
        """A new writer begins; what was to be written while there was none is not written any more."""
        with self._lock:
            self._waiting = 0

    def expect(self) -> None:
        """One more write is on its way."""
        with self._lock:
            self._waiting += 1

    def write(self, text: str) -> None:
        self._try(lambda: self._file.write(without_repeats(text)))
        if self._waiting <= 1:
            self.flush()
        with self._lock:
            self._waiting -= 1
        taken = self.when_taken  # once, for the loop may set it to None meanwhile
        if not self.busy and taken is not None:
            self._loop.call_soon_threadsafe(taken)

    def flush(self) -> None:
        self._try(self._file.flush)

    def fileno(self) -> int:
        return self._file.fileno()

    def isatty(self) -> bool:
        return self._file.isatty()

    def _try(self, write: Callable[[], object]) -> None:
        if self._gone:
            return
        try:
            write()
        except OSError:  # SIGHUP is on its way
            self._gone = True
