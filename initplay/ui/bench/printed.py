"""What the experiment printed, its newest lines."""

from __future__ import annotations

from textual.geometry import Size
from textual.widgets import Log

from initplay.recording.run import Run

MAX_LINES = 5_000


class PrintedLog(Log):
    """Follows what a run prints while it is in sight; 200,000 lines cost no more than the last 5,000."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, max_lines=MAX_LINES)
        self._run: Run | None = None
        self._written = 0

    def show(self, run: Run) -> None:
        """Write what is new of the run's printed text, or of another run's from the beginning."""
        if run is not self._run:
            self.clear()
            self._run, self._written = run, 0
        new = "".join(run.printed[self._written :])
        self._written = len(run.printed)
        if new:
            self.write("\n".join(new.split("\n")[-MAX_LINES:]))
            # Log sets its size before it drops lines, and then scrolls past what is left.
            self.virtual_size = Size(self.virtual_size.width, self.line_count)
            self.scroll_end(animate=False, immediate=True, x_axis=False)
