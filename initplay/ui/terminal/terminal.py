"""What a real terminal does to a program: it goes away, it sends bytes that are no text, it reads slowly."""

from __future__ import annotations

import asyncio
import codecs
import signal
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import IO

from textual.app import App
from textual.drivers import linux_driver
from textual.drivers._writer_thread import WriterThread
from textual.screen import Screen


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
    """Textual's writer, which knows whether the terminal has taken everything, and says when it has.

    It goes on taking what is written when there is no terminal to write it to.
    """

    def __init__(self, file: IO[str]) -> None:
        super().__init__(file)
        self._loop = asyncio.get_running_loop()
        self.when_taken: Callable[[], object] | None = None
        """Called in the loop each time that nothing is left to write."""

    @property
    def busy(self) -> bool:
        return self._queue.unfinished_tasks > 0

    def run(self) -> None:
        try:
            while (text := self._queue.get()) is not None:
                self._file.write(text)
                if self._queue.empty():
                    self._file.flush()
                self._queue.task_done()
                taken = self.when_taken  # once, for the loop may set it to None meanwhile
                if not self.busy and taken is not None:
                    self._loop.call_soon_threadsafe(taken)
            self._file.flush()
        except OSError:  # SIGHUP is on its way; were nobody to take the writes, leaving would wait for ever
            while self._queue.get() is not None:
                pass


def survive_a_terminal_that_is_gone() -> None:
    """Leave when the terminal has been closed, rather than wait for it with the worker running on."""
    linux_driver.WriterThread = _Writer  # type: ignore[misc]


def draw_no_faster_than_it_is_read() -> None:
    """Draw nothing while the terminal has not taken what was drawn before; then draw what is so by then.

    Textual queues every frame, thirty of them, and then waits with everything until the terminal has read
    them: over a line that is slower than the charts, a key would be answered seconds later. What is to be
    drawn stays marked in the compositor, so that frames are left out and no change of the screen is.
    """
    refresh = Screen._compositor_refresh

    def refresh_when_read(screen: Screen) -> None:
        writer = _writer_of(screen.app)
        # Those that became dirty since Textual's last look would be forgotten undrawn.
        screen._compositor.update_widgets(screen._dirty_widgets)
        if screen is screen.app.screen and writer is not None:
            # The writer's thread knows no app; and it may be done, and never call, before this is set.
            context, app = copy_context(), screen.app
            writer.when_taken = lambda: context.run(_draw, app)
            if writer.busy:
                screen._dirty_widgets.clear()  # the compositor has them
                return
            writer.when_taken = None
        refresh(screen)

    Screen._compositor_refresh = refresh_when_read  # type: ignore[method-assign]


def _writer_of(app: App[object]) -> _Writer | None:
    """None where nothing is written: before the first screen, and in tests without a terminal."""
    writer = getattr(app._driver, "_writer_thread", None)
    return writer if isinstance(writer, _Writer) else None


def _draw(app: App[object]) -> None:
    """Draw what the screen has to draw, if the app has not left meanwhile."""
    if (writer := _writer_of(app)) is not None:
        writer.when_taken = None
    if not app.is_running or not app.screen_stack:
        return
    if app._batch_count:  # nothing is painted now: all of it when the batch is over
        app.screen.refresh()
    else:
        app.screen._compositor_refresh()
