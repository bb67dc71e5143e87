"""What has the keyboard stays in sight where the room for it changes, as when the window is made smaller."""

from __future__ import annotations

from textual.widget import Widget
from textual.widgets import OptionList

from initplay.ui.terminal.textual_private.late import is_gone


class Rows(OptionList):
    """A list to choose from. Textual scrolls to the chosen row when another is chosen, and this also when the
    list has another size."""

    def on_resize(self) -> None:
        if self.has_focus:
            self.call_after_refresh(self.scroll_to_highlight)


def keep_focused_in_sight(container: Widget) -> None:
    """Scroll to what has the keyboard, if that is in the container, once the new size is laid out."""
    container.call_after_refresh(_scroll_to_focused, container)


def _scroll_to_focused(container: Widget) -> None:
    if is_gone(container):
        return
    focused = container.screen.focused
    if focused is not None and container in focused.ancestors:
        focused.scroll_visible(animate=False)
