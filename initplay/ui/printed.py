"""What an experiment printed, the newest lines of it."""

from __future__ import annotations

from textual.geometry import Size
from textual.widgets import Log

MAX_LINES = 5_000


class PrintedLog(Log):
    """A log that ends where its text does, however much is written at once."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, max_lines=MAX_LINES, auto_scroll=True)

    def write(self, data: str, scroll_end: bool | None = None) -> PrintedLog:
        super().write(data, scroll_end=False)
        # Log measures itself before it drops its oldest lines, and would scroll past its end.
        self.virtual_size = Size(self.virtual_size.width, self.line_count)
        if self.auto_scroll if scroll_end is None else scroll_end:
            self.scroll_end(animate=False, immediate=True, x_axis=False)
        return self
