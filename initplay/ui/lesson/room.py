"""Who has the room of a lesson's screen: its text and its bench beside each other or, where there is room for
one of the two, either of them, the bench with some lines of the text above it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.geometry import Size
from textual.screen import Screen

from initplay.ui.lesson.step import StepPane

WIDE = 100
"""Columns from which prose and bench stand side by side."""
WIDTHS = [(0, "-narrow"), (WIDE, "-wide")]
HEIGHTS = [(0, "-tiny"), (10, "-scant"), (17, "-low"), (20, "-middle"), (32, "-high")]
FEW_ROWS = ("-low", "-scant", "-tiny")


class Room:
    """Divides it by classes of the screen, which `lesson.tcss` lays out."""

    def __init__(self, screen: Screen[Any], prose: Callable[[], StepPane]) -> None:
        """`prose` finds the text, once it is there."""
        self._screen = screen
        self._prose = prose
        self._reads = False
        """Whether a run has settled what was asked, and the learner reads why."""
        self._was_split = False

    def fit(self, size: Size) -> None:
        """Take the classes of this size; Textual does so once all is styled, and then styles it again."""
        for cells, breakpoints in ((size.width, WIDTHS), (size.height, HEIGHTS)):
            self._screen.add_class([name for least, name in breakpoints if cells >= least][-1])

    # Who has it

    @property
    def is_narrow(self) -> bool:
        """Whether there is not room for both beside each other."""
        return self._screen.has_class("-narrow")

    @property
    def has_bench(self) -> bool:
        """Whether the bench is in sight, where that is narrow."""
        return self._screen.has_class("-bench")

    @property
    def is_split(self) -> bool:
        """Whether a few lines of the text stand above the bench."""
        return self.is_narrow and self.has_bench

    @property
    def is_charts(self) -> bool:
        """Whether the text has given its room to the chart of a knob that is turned."""
        return self._screen.has_class("-turning")

    # Who gets it

    def follow_window(self) -> None:
        """The window is another: what of the text counts now stands in the few lines that it is left with."""
        if self.is_split and not self._was_split and self._prose().why is None:
            self._prose().point()
        self._was_split = self.is_split

    def to_text(self) -> None:
        self._set("-bench", False)

    def to_bench(self) -> None:
        """Bring the bench into sight, where it is not, with what of the text counts now above it."""
        self.end_reading()
        if not self.has_bench:
            self._set("-bench", True)
            if self.is_narrow:
                self._prose().point()

    def to_pane(self, wanted: bool) -> None:
        """Give one pane of the bench all that the bench has."""
        self._set("-whole", wanted)

    def to_charts(self, wanted: bool) -> None:
        """Who turns a knob looks at what that does: the text above the bench is a line or two then."""
        self._set("-turning", wanted)

    def to_reading(self) -> None:
        """Give the text more of it, where there is more text than the few lines above the bench hold: half,
        with the chart in sight below it, or all of it in a window of a few rows."""
        self._reads = True
        self.follow_text()

    def follow_text(self) -> None:
        """The text is longer or shorter: what was settled is laid out a while after it was put up."""
        prose = self._prose()
        if not (self._reads and self.is_split and prose.unread):
            return
        if any(map(self._screen.has_class, FEW_ROWS)):
            self.to_text()
        else:
            self._set("-reading", True)

    def end_reading(self) -> None:
        self._reads = False
        self._set("-reading", False)

    def _set(self, name: str, wanted: bool) -> None:
        """It counts in a small window: else no widget is styled for it anew, which took as long as what the
        key was for."""
        counts = any(map(self._screen.has_class, ("-narrow", *FEW_ROWS)))
        self._screen.set_class(wanted, name, update=counts)
        self._was_split = self.is_split
