"""The driver: keys read as they are meant, a terminal that stops, goes on, is slow, or is gone."""

from __future__ import annotations

import asyncio
import codecs
import os
import select
import selectors
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import constants, events
from textual.app import App
from textual.driver import Driver
from textual.message import Message

from initplay.ui.terminal.input import Pasted, Sequence, Splitter
from initplay.ui.terminal.output import Output

if TYPE_CHECKING:
    from textual._xterm_parser import XTermParser


def parser_class() -> type[XTermParser] | None:
    """Textual's parser of keys, mouse reports and the rest."""
    try:
        from textual._xterm_parser import XTermParser
    except ImportError:
        return None
    return XTermParser if hasattr(XTermParser, "feed") and hasattr(XTermParser, "tick") else None


class Keys:
    """Textual's parser, fed with what `Splitter` lets through."""

    def __init__(self, parser_class: type[XTermParser]) -> None:
        self._parser = parser_class()
        self._splitter = Splitter(constants.ESCAPE_DELAY)

    def read(self, text: str) -> Iterator[Message]:
        """The messages that `text` makes; to be called with an empty one, too, for what ends by a timeout."""
        now = time.monotonic()
        for piece in self._splitter.feed(text, now) if text else self._splitter.tick(now):
            if isinstance(piece, Sequence):  # one that it made a key of, it has forgotten
                self._begin_again()
            elif isinstance(piece, Pasted):
                yield events.Paste(piece.text)
            else:
                yield from self._read(piece)
        yield from self._parser.tick()

    def _read(self, text: str) -> Iterator[Message]:
        # Until it is told otherwise, a terminal makes a line feed of enter.
        for character in text.replace("\n", "\r"):
            try:
                yield from self._parser.feed(character)
            except (ValueError, ArithmeticError):
                # A key with the number of no character, a report of a window without pixels: it dies of them.
                self._begin_again()

    def _begin_again(self) -> None:
        """Forget the sequence that is half read, and nothing else."""
        known = vars(self._parser)
        self._parser = type(self._parser)()
        for name in ("last_x", "last_y", "mouse_pixels", "terminal_size", "terminal_pixel_size"):
            if name in known:
                setattr(self._parser, name, known[name])


# The terminal

PENDING = 2.0
"""Seconds without input, after which nothing is left that would end by a timeout."""
TICK = 0.1
"""Seconds from one look to the next at what may end by one."""


class Bell(threading.Event):
    """An event that who waits for input hears at once. Lives as long as the program."""

    def __init__(self) -> None:
        super().__init__()
        self.heard, self._rung = os.pipe()
        """The former can be read from once it is set."""

    def set(self) -> None:
        super().set()
        os.write(self._rung, b".")

    def clear(self) -> None:
        if self.is_set():
            os.read(self.heard, 4096)
        super().clear()


def driver_class() -> type[Driver] | None:
    """Our driver for a terminal; None where Textual is to choose one."""
    if constants.DRIVER is not None:  # another is asked for
        return None
    try:
        from textual.drivers.linux_driver import LinuxDriver
    except ImportError:  # on this system there is none such
        return None

    class TerminalDriver(LinuxDriver):
        """Textual's, for terminals that send anything, read slowly, and go away."""

        output: Output | None = None
        reads = False
        suspending = False
        stopping = False
        """Whether it leaves the terminal to the shell, for which is what is typed behind ctrl+z."""
        over = False
        """Whether it has left the terminal for good."""

        def __init__(self, app: App[object], **options: Any) -> None:
            self.loop = asyncio.get_running_loop()
            super().__init__(app, **options)
            if hasattr(self, "exit_event"):
                self.exit_event = Bell()
            self.leave = partial(app.call_later, app.exit)
            self.draw_all = partial(app.call_later, app.refresh, layout=True)
            file = getattr(self, "_file", None)
            if file is not None:
                self.output = Output(file)
                self._file = self.output  # type: ignore[assignment]

        # A signal comes at any point of the loop's thread, which may hold a lock that these need, as the
        # queue of what is to be written has one. So they wait for the loop. While an editor has the terminal,
        # nothing is written, and the two are to be stopped together.

        def _sigtstp_application(self, *_: object) -> None:
            if getattr(self, "_auto_restart", True):
                self.loop.call_soon_threadsafe(self._stop)
            else:
                super()._sigtstp_application()

        def _stop(self) -> None:
            self.stopping = True
            super()._sigtstp_application()
            self.stopping = False

        def _sigcont_application(self, *_: object) -> None:
            if getattr(self, "_auto_restart", True):
                self.loop.call_soon_threadsafe(super()._sigcont_application)

        def start_application_mode(self) -> None:
            if self.output is not None:
                self.output.begin()
            self.reads = True
            super().start_application_mode()
            self._tell_sizes_in_turn()

        def _tell_sizes_in_turn(self) -> None:
            """Of two signals in a row the second interrupts whoever handles the first, which then tells last
            what size the window had before: the screen would keep that."""
            tell = signal.getsignal(signal.SIGWINCH)
            if not callable(tell):  # it could not take the terminal
                return

            def tell_what_is() -> None:
                if self.reads:
                    tell(signal.SIGWINCH, None)

            signal.signal(signal.SIGWINCH, lambda *_: self.loop.call_soon_threadsafe(tell_what_is))
            self.loop.call_soon(tell_what_is)  # there may have been one before

        def stop_application_mode(self) -> None:
            self.over = not self.suspending
            super().stop_application_mode()

        def suspend_application_mode(self) -> None:
            if self.over:  # ctrl+z comes, too, when it has left the terminal and is not gone yet
                return
            self.suspending = True
            super().suspend_application_mode()
            self.suspending = False

        def resume_application_mode(self) -> None:
            if self.over:
                return
            # SIGCONT comes after SIGSTOP, too, of which nobody was told: two threads would read the keys.
            if self.reads:
                self.suspend_application_mode()
            super().resume_application_mode()
            self.draw_all()  # the terminal is empty now, and Textual draws what has changed

        def close(self) -> None:
            self.reads = False
            super().close()

        def write(self, data: str) -> None:
            if not self.reads:  # stopped, or about to go on: nobody writes, and the queue would fill up
                return
            if self.output is not None:
                self.output.expect()
            super().write(data)

        def run_input_thread(self) -> None:
            parser, bell = parser_class(), getattr(self, "exit_event", None)
            if parser is None or not isinstance(bell, Bell) or not hasattr(self, "fileno"):
                super().run_input_thread()
                return
            keys = Keys(parser)
            # Old mouse reports past column 95, which tmux sends, are not UTF-8 (Textualize/textual#6668).
            decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
            with selectors.SelectSelector() as selector:
                selector.register(self.fileno, selectors.EVENT_READ)
                selector.register(bell.heard, selectors.EVENT_READ)
                came = time.monotonic()
                while True:
                    text = ""
                    ready = selector.select(TICK if time.monotonic() - came < PENDING else None)
                    if bell.is_set():
                        if self.lends:
                            self.keep_what_was_typed(keys, decode)
                        return
                    if ready:
                        came = time.monotonic()
                        data = self.received()
                        if not data:
                            self.leave()
                            return
                        text = decode(data)
                    for event in keys.read(text):
                        self.process_message(event)

        @property
        def lends(self) -> bool:
            """Whether it leaves the terminal to an editor, and all that was typed is for us."""
            return self.suspending and not self.stopping and hasattr(self, "_key_thread")

        def disable_input(self) -> None:
            """As Textual does, which throws away besides what was typed and is not read yet."""
            if not self.lends:
                super().disable_input()
            elif not self.exit_event.is_set():
                signal.signal(signal.SIGWINCH, signal.SIG_DFL)
                self._disable_mouse_support()
                self.exit_event.set()
                if self._key_thread is not None:
                    self._key_thread.join()
                self.exit_event.clear()

        def keep_what_was_typed(self, keys: Keys, decode: Callable[[bytes], str]) -> None:
            while select.select([self.fileno], [], [], 0)[0] and (data := self.received()):
                for event in keys.read(decode(data)):
                    self.process_message(event)

        def received(self) -> bytes:
            """Empty when the terminal is gone."""
            try:
                return os.read(self.fileno, 4096)
            except OSError:
                return b""

    return TerminalDriver
