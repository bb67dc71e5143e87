"""What some key will need is imported in the rests before it is pressed.

The first frame waits for none of it. But a lesson brings Markdown and the charts, and the editor Textual's:
the first of each took more than twice as long to open as the next.
"""

from __future__ import annotations

from importlib import import_module

MODULES = ("initplay.ui.lesson.screen", "initplay.ui.editor.editor", "initplay.ui.pages.reference")
"""In the order in which learners come to them."""


class Ahead:
    """The modules that are still to come."""

    def __init__(self) -> None:
        self._left = list(MODULES)

    def take_one(self) -> bool:
        """Import the next one, a part of the time that a rest has; False where none was left."""
        if not self._left:
            return False
        try:
            import_module(self._left.pop(0))
        except OSError:  # too many files are open: what needs the module finds out, when it does
            self._left.clear()
            return False
        return True
