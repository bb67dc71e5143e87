"""The course's formulas and words on one page, one key away from everywhere."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input

from initplay.course.reference import FILE, found, text_of
from initplay.look import ANY_TERMINAL, Look
from initplay.ui.keys import bindings
from initplay.ui.pages.over import Over
from initplay.ui.widgets.page import Page

LONGEST = 60
"""Characters of what is sought."""
NO_PAGE = "This course has no page of formulas: there is no text in {}."


class ReferenceScreen(Over[None]):
    """Shows `reference.md` of the course, or what of it says what is typed."""

    BINDINGS = bindings("reference")

    def __init__(self, course: Path, look: Look = ANY_TERMINAL) -> None:
        super().__init__()
        self._markdown = look.markdown(text_of(course) or NO_PAGE.format(course / FILE))

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="reference"):
            yield Sought()
            with VerticalScroll():
                yield Page(self._markdown)

    def on_mount(self) -> None:
        dialog = self.query_one("#reference")
        dialog.border_title = "formulas and words"
        dialog.border_subtitle = "↑↓ scroll · / search · esc closes"
        self.query_one(VerticalScroll).focus()

    def action_search(self) -> None:
        self.set_focus(self.query_one(Sought))

    def action_leave(self) -> None:
        """Close; first leave the search, where there is one, and show the whole page again."""
        box = self.query_one(Sought)
        if box.has_focus or box.value:
            box.value = ""
            self.set_focus(self.query_one(VerticalScroll))
        else:
            self.dismiss(None)

    def on_input_changed(self, event: Input.Changed) -> None:
        said = found(self._markdown, event.value)
        self.query_one(Page).show(said or f"Nothing here says {event.value.strip()}.")
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def on_input_submitted(self) -> None:
        self.set_focus(self.query_one(VerticalScroll))


class Sought(Input):
    """What is looked for."""

    BINDINGS = bindings("sought")

    def __init__(self) -> None:
        super().__init__(placeholder="/ to search", max_length=LONGEST, compact=True)
