"""A text of the learner's, an exercise or a net, and its file, which other programs may change too."""

from __future__ import annotations

from pathlib import Path

from initplay.learner.exercises import NotReadable, read, write
from initplay.learner.saved import NotKept


class OwnFile:
    """A text that is written to its file; what another program wrote there is taken in, or asked about."""

    def __init__(self, path: Path, start: str, *, begins: bool = True) -> None:
        """Read the file or, where there is none, begin it with `start`, on the disk too where it `begins` so;
        else the first `keep` does. What goes wrong is `trouble`."""
        self.path = path
        self.text = start
        self.theirs: str | None = None
        """What another program wrote while the text here was not written yet: one of the two must go."""
        self._write_trouble = ""
        self._read_trouble = ""
        self._written: str | None = start
        """What the file holds, as far as is known; None where there is no file."""
        self._stamp: tuple[int, ...] | None = ()
        self.look()
        if begins:
            self.keep()

    @property
    def is_kept(self) -> bool:
        return self.text == self._written

    @property
    def is_gone(self) -> bool:
        """Whether there is no file, as far as is known."""
        return self._written is None

    @property
    def trouble(self) -> str:
        """Why the text is on the screen alone, in one sentence; empty where all is well."""
        return self._read_trouble or self._write_trouble

    def edit(self, text: str) -> None:
        """Take another text; it is written by the next `keep`."""
        self.text = text

    def keep(self) -> bool:
        """Write the text, unless that would go over what another program wrote; whether it is in the file."""
        if self.is_kept:
            return True
        self.look()
        if self._read_trouble or self.theirs is not None:
            return False
        try:
            write(self.path, self.text)
        except NotKept as error:
            self._write_trouble = f"{error} Your text is on the screen alone."
            return False
        self._wrote(self.text)
        return True

    def look(self) -> bool:
        """See whether another program changed the file; whether `text` is another one for that."""
        stamp = _stamp(self.path)
        if stamp == self._stamp:
            return False
        self._stamp, self._read_trouble = stamp, ""
        if stamp is None:
            self._written = None
            return False
        try:
            found = read(self.path)
        except NotReadable as error:
            self._read_trouble = str(error)
            return False
        if found == self.text:
            self._wrote(found)
        elif self.is_kept:
            self.text = found
            self._wrote(found)
            return True
        elif found != self._written:
            self.theirs = found
        return False

    def put_beside(self, text: str) -> None:
        """Take a text that the file did not take when it was left; what is there now stays until asked."""
        if text != self.text:
            self.theirs, self.text = None if self._read_trouble else self.text, text

    def settle(self, *, take_theirs: bool) -> None:
        """Choose between the text here and what another program wrote."""
        if self.theirs is None:
            return
        self._written, self.theirs = self.theirs, None
        if take_theirs:
            self.text = self._written
        self.keep()

    def _wrote(self, text: str) -> None:
        self._written, self._stamp, self._write_trouble, self.theirs = text, _stamp(self.path), "", None


def _stamp(path: Path) -> tuple[int, ...] | None:
    """What tells one state of a file from another; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
