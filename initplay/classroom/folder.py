"""A class folder as it is read: whole lines of regular files, whoever else has what in it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from initplay.classroom.learner import Learner, learner_of

SUFFIX = ".jsonl"
MOST_BYTES = 8_000_000
"""Of one file; a learner of the whole course writes some 100 kB."""
MOST_FILES = 1000
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True)
class Seen:
    """What there is in the folder now."""

    learners: tuple[Learner, ...] = ()
    """In the order of their files' names."""
    strange: int = 0
    """How many files cannot be read, or are no learner's."""
    trouble: str = ""
    """Why the folder itself cannot be read, without a full stop; then the others are as they last were."""

    @property
    def broken(self) -> int:
        """How many lines were passed over."""
        return sum(learner.broken for learner in self.learners)


class Folder:
    """Reads again what has changed since it last looked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: dict[str, tuple[tuple[int, int, int], Learner | None]] = {}
        self._seen = Seen()

    def look(self) -> Seen:
        """What the folder holds now. Raises nothing."""
        try:
            names = self._names()
            found = {name: self._learner(name) for name in names}
            if not all(found.values()):
                self._names()  # the whole folder may have gone in between
        except OSError as error:
            trouble = f"{self.path} cannot be read ({error.strerror})"
            self._seen = Seen(self._seen.learners, self._seen.strange, trouble)
            return self._seen
        self._read = {name: self._read[name] for name in names if name in self._read}
        learners = tuple(learner for learner in found.values() if learner)
        self._seen = Seen(learners, strange=len(found) - len(learners))
        return self._seen

    def _names(self) -> list[str]:
        """Of the files that may be learners'. Raises OSError."""
        return sorted(name for name in os.listdir(self.path) if name.endswith(SUFFIX))[:MOST_FILES]

    def _learner(self, name: str) -> Learner | None:
        try:
            return self._read_anew(name)
        except OSError:
            return None  # counted as strange: on a board of thirty one unreadable file is no error

    def _read_anew(self, name: str) -> Learner | None:
        """As it was read before, where nothing changed. Raises OSError."""
        file = os.open(self.path / name, _FLAGS)
        try:
            info = os.fstat(file)
            if not stat.S_ISREG(info.st_mode):
                return None
            # Only whether they are the same: no clock of any machine is believed.
            mark = (info.st_ino, info.st_size, info.st_mtime_ns)
            if name not in self._read or self._read[name][0] != mark:
                with os.fdopen(os.dup(file), "rb") as whole:
                    learner = learner_of(name, whole.read(MOST_BYTES))
                self._read[name] = mark, learner
            return self._read[name][1]
        finally:
            os.close(file)
