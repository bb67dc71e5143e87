"""What the learner changed of the lesson's text, and a way to put a part of it back."""

from __future__ import annotations

from typing import NamedTuple

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from initplay.ui.editor.hunks import Hunk, hunks, put_back
from initplay.ui.keys import bindings
from initplay.ui.pages.over import Over


class Wording(NamedTuple):
    """What is said of a text beside the one it is held against."""

    title: str
    same: str
    """That they are the same."""
    enter: str
    """What enter does with a hunk."""


LESSONS_OWN = Wording(
    "your text against the lesson's",
    "Nothing is changed: this is the lesson's own text.",
    "puts it back",
)


def of_file(name: str) -> Wording:
    """Of the text on the screen beside that in a file of the user's."""
    return Wording(f"your text against {name}", f"Nothing is changed: this is {name}.", "puts it back")


_STYLES = {" ": "$text-muted", "-": "$text-error", "+": "$text-success"}


MOST_LINES = 300
"""Of a hunk that are drawn: of a long text that was pasted nobody looks at all here."""


def text_of(hunk: Hunk) -> Content:
    """Its place, its lines in their colours, and how many more there are."""
    heading = Content.styled(f"line {hunk.first_change}", "bold")
    lines = [Content.styled(f"{sign} {text}", _STYLES[sign]) for sign, text in hunk.lines[:MOST_LINES]]
    if more := len(hunk.lines) - len(lines):
        lines.append(Content.styled(f"… and {more:,} more lines", "$text-muted"))
    return Content("\n").join([heading, *lines])


class HunkView(Static, can_focus=True):
    """One hunk. Announces `PutBackWanted`."""

    BINDINGS = bindings("hunk")

    class PutBackWanted(Message):
        def __init__(self, hunk: Hunk) -> None:
            self.hunk = hunk
            super().__init__()

    def __init__(self, hunk: Hunk) -> None:
        super().__init__(classes="hunk")
        self.hunk = hunk

    def on_mount(self) -> None:
        self.update(text_of(self.hunk))

    def action_put_back(self) -> None:
        self.post_message(self.PutBackWanted(self.hunk))


class DiffScreen(Over[str]):
    """The hunks from the top down. Closes with the edited text, less what was put back."""

    AUTO_FOCUS = ""
    BINDINGS = bindings("diff")

    def __init__(self, original: str, edited: str, wording: Wording = LESSONS_OWN) -> None:
        super().__init__()
        self._wording = wording
        self._original = original
        self._edited = edited

    def compose(self) -> ComposeResult:
        # The hunks have the focus; what they do not use, such as the arrows, scrolls the page.
        yield VerticalScroll(classes="dialog", id="diff", can_focus=False)

    async def on_mount(self) -> None:
        self.query_one("#diff").border_title = self._wording.title
        await self._show()

    async def _show(self) -> None:
        page = self.query_one("#diff")
        found = hunks(self._original, self._edited)
        with self.app.batch_update():
            await page.remove_children()
            await page.mount(*([HunkView(hunk) for hunk in found] or [Static(self._wording.same)]))
        page.border_subtitle = (
            f"↑↓ scroll · tab next · enter {self._wording.enter} · esc closes" if found else "esc closes"
        )
        for view in self.query(HunkView):
            self.set_focus(view)
            return

    async def on_hunk_view_put_back_wanted(self, message: HunkView.PutBackWanted) -> None:
        self._edited = put_back(self._edited, message.hunk)
        await self._show()

    def action_close(self) -> None:
        self.dismiss(self._edited)
