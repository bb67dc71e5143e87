"""All that a run said and printed, where there is room to read it to its end."""

from __future__ import annotations

from functools import lru_cache

from textual.geometry import Size
from textual.widgets import Log

from initplay.recording.run import Run

MAX_LINES = 5_000
NOTHING = "Nothing: here a run's notes stand in full, and what its code prints. o goes back."


class PrintedLog(Log):
    """Follows what a run says and prints while in sight; 200,000 lines cost no more than the last 5,000."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, max_lines=MAX_LINES)
        self._run: Run | None = None
        self._written = 0
        self._noted = 0
        self._width = 0

    def show(self, run: Run) -> None:
        """Write what is new of the run's printed text, or all where it is another run's, has more notes, or
        the width is another: they are broken to it, since none of them may end out of sight."""
        if not self.size.width:  # it comes in sight, and is told of its size
            self._run = run
            return
        notes = run.notes.items
        if run is not self._run or len(notes) != self._noted or self.size.width != self._width:
            self.clear()
            self._run, self._noted, self._width, self._written = run, len(notes), self.size.width, 0
            # Not more of the notes than the lines that are kept: each is at least one.
            said = [line for note in notes[-MAX_LINES:] for line in broken(f"› {note}", self._width)]
            if not said and not run.printed:
                said = [*broken(NOTHING, self._width)]
            if said:
                self.write("\n".join([*said, ""]), scroll_end=False)
        new = "".join(run.printed[self._written :])
        self._written = len(run.printed)
        if new:
            self.write("\n".join(new.split("\n")[-MAX_LINES:]))
            # Log sets its size before it drops lines, and then scrolls past what is left.
            self.virtual_size = Size(self.virtual_size.width, self.line_count)
            self.scroll_end(animate=False, immediate=True, x_axis=False)

    def on_resize(self) -> None:
        if self._run is not None:
            self.show(self._run)


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
