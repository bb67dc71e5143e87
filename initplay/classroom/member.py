"""One learner's file in a class folder, and the thread that appends to it.

A shared folder may hang, be full or be gone: the learner waits for none of that, hears of it in one sentence,
and what could not be written is written when the folder is back.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

from msgspec.structs import replace

from initplay.classroom.line import Joined, Line, encoded

PATIENCE = 2.0
"""Seconds that an end waits for the folder."""
MOST_WAITING = 2000
"""Lines that are kept for a folder that does not take them; the oldest go first."""
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


class Member:
    """Tells a class what its learner does. Thread-safe; `close` it."""

    def __init__(self, path: Path, name: str, *, clock: Callable[[], float] = time.time) -> None:
        """`path` is the learner's own file, made with the first line; its folder never is."""
        self.path = path
        self.name = name
        self.trouble = ""
        """Why the folder does not take what is told, in one sentence; empty where it does."""
        self._clock = clock
        self._said = False
        self._listener: Callable[[str], object] | None = None
        self._lock = threading.Lock()
        self._told: SimpleQueue[bytes | None] = SimpleQueue()
        self._waiting: deque[bytes] = deque(maxlen=MOST_WAITING)
        self._greeted = False
        self._ended_well = False
        """Whether the file is known to end with a line's end."""
        self._thread = threading.Thread(target=self._write_all, name="class", daemon=True)
        self._thread.start()

    @property
    def folder(self) -> Path:
        return self.path.parent

    def tell(self, line: Line) -> None:
        """Append it, soon and in its turn. Waits for nothing, raises nothing."""
        self._told.put(encoded(self._stamped(line)))

    def on_trouble(self, listener: Callable[[str], object]) -> None:
        """Call it with the sentence, once, from whatever thread; at once where there is trouble already."""
        with self._lock:
            self._listener = listener
            trouble = self.trouble
            self._said = bool(trouble)
        if trouble:
            listener(trouble)

    def close(self, patience: float = PATIENCE) -> None:
        """Wait for what is told to be written, and no longer than that."""
        self._told.put(None)
        self._thread.join(patience)

    def _stamped(self, line: Line) -> Line:
        return replace(line, at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._clock())))

    def _write_all(self) -> None:
        goes_on = True
        while goes_on:
            told = [self._told.get()]
            while not self._told.empty():
                told.append(self._told.get())
            self._waiting.extend(line for line in told if line is not None)
            goes_on = None not in told
            if self._waiting:
                self._write_waiting()

    def _write_waiting(self) -> None:
        try:
            self._append(b"".join(self._waiting))
        except OSError as error:
            self._ended_well = False  # part of it may be there; whoever reads passes over half a line
            self._fail(error)
        else:
            self._waiting.clear()
            self._ended_well = self._greeted = True
            self.trouble = ""

    def _append(self, lines: bytes) -> None:
        """All in one write. Raises OSError, also where not all of it was taken."""
        # Opened each time: a folder that went and came back is not the one that was open.
        file = os.open(self.path, _FLAGS, 0o644)
        try:
            info = os.fstat(file)
            if not stat.S_ISREG(info.st_mode):
                raise OSError(errno.EINVAL, "it is no plain file")
            is_new = info.st_size == 0
            if is_new and hasattr(os, "fchmod"):
                with suppress(OSError):  # vfat, SMB and some NFS have rights of their own, and take lines
                    os.fchmod(file, 0o644)  # the board's owner is to read it, whatever the umask
            before = b"" if self._ended_well or is_new else b"\n"
            hello = encoded(self._stamped(Joined(name=self.name))) if is_new or not self._greeted else b""
            data = before + hello + lines
            if os.write(file, data) < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(file)

    def _fail(self, error: OSError) -> None:
        sentence = (
            f"The class does not hear of you: {self.folder} cannot be written ({error.strerror}); "
            "go on, your own progress is kept."
        )
        with self._lock:
            self.trouble = sentence
            listener, first = self._listener, not self._said
            self._said = self._said or listener is not None
        if first and listener:
            listener(sentence)
