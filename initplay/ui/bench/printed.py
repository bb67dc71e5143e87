"""All that a run came to, said and printed, where there is room to read it to its end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from textual.geometry import Size
from textual.widgets import Log

from initplay.recording.run import Run

MAX_LINES = 5_000
NOTHING = "Nothing: here a run's notes stand in full, its results, and what its code prints. o goes back."


class PrintedLog(Log):
    """Follows what a run says and prints while in sight; 200,000 lines cost no more than the last 5,000."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, max_lines=MAX_LINES)
        self._run: Run | None = None
        self._written = 0
        self._head: tuple[object, ...] = ()
        """What decides all that stands above the printed text."""
        self._of_run: tuple[str, ...] = ()

    def show(self, run: Run, of_run: Sequence[str] = ()) -> None:
        """Write what is new of the run's printed text, or all where it is another run's, has more notes, or
        the width is another: they are broken to it, since none of them may end out of sight. `of_run` is what
        there is to say of a run that has ended, and stands above its notes."""
        self._of_run = tuple(of_run)
        if not self.size.width:  # it comes in sight, and is told of its size
            self._run = run
            return
        notes, width = run.notes.items, self.size.width
        head = (len(notes), width, self._of_run)
        if run is not self._run or head != self._head:
            self.clear()
            self._run, self._head, self._written = run, head, 0
            # Not more of the notes than the lines that are kept: each is at least one.
            sentences = [*self._of_run, *(f"› {note}" for note in notes[-MAX_LINES:])]
            said = [line for sentence in sentences for line in broken(sentence, width)]
            if not said and not run.printed:
                said = [*broken(NOTHING, width)]
            if said:
                self.write("\n".join([*said, ""]), scroll_end=False)
        new = "".join(run.printed[self._written :])
        if new:
            # Of a text that is written anew no line is dropped again: Log scrolls past what is left then.
            room = MAX_LINES - self.line_count if self._written == 0 else MAX_LINES
            self.write("\n".join(new.split("\n")[-max(1, room) :]))
            # Log sets its size before it drops lines, and then scrolls past what is left.
            self.virtual_size = Size(self.virtual_size.width, self.line_count)
            self.scroll_end(animate=False, immediate=True, x_axis=False)
        self._written = len(run.printed)

    def on_resize(self) -> None:
        if self._run is not None:
            self.show(self._run, self._of_run)


@lru_cache(MAX_LINES)
def broken(note: str, width: int) -> tuple[str, ...]:
    """A note in lines of a width, the later ones two cells in; lines of its own, such as code, stay lines."""
    import textwrap  # a screen that shows no notes needs none of it

    own = note.replace("\n", "\n  ").split("\n")
    indents = ["  ", *(line[: len(line) - len(line.lstrip())] for line in own[1:])]
    return tuple(
        part
        for line, indent in zip(own, indents, strict=True)
        for part in textwrap.wrap(line, max(20, width - 2), subsequent_indent=indent) or [""]
    )
