"""The source pane: the text of the experiment, which is what runs."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static, TextArea


class SourcePane(Vertical):
    """An editor on the lesson's experiments. Announces `Edited`; the text needs no saving to be run."""

    BINDINGS = [
        Binding("ctrl+r", "run", "run this text", priority=True),
        Binding("escape", "leave", "leave the editor", priority=True),
        Binding("ctrl+l", "reset", "the lesson's own text", tooltip="put the lesson's own text back"),
    ]

    class Edited(Message):
        """The learner changed the text."""

        def __init__(self, text: str) -> None:
            self.text = text
            super().__init__()

    class RunWanted(Message):
        """The learner wants to run what stands here."""

    def __init__(self, text: str, original: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = text
        self._original = original

    def compose(self) -> ComposeResult:
        yield Static("", id="source-note", markup=False)
        yield TextArea.code_editor(
            self._text, language="python", theme="css", show_line_numbers=True, tab_behavior="indent"
        )

    @property
    def editor(self) -> TextArea:
        return self.query_one(TextArea)

    def on_mount(self) -> None:
        self.say("")

    def say(self, problem: str) -> None:
        """What is wrong with the text, or how to use the pane when nothing is."""
        note = self.query_one("#source-note", Static)
        note.update(problem or "Edit and run: ctrl+r runs this text, esc leaves the editor.")
        note.set_class(bool(problem), "-problem")

    def go_to(self, line: int) -> None:
        """Put the cursor on a line, counted from 1."""
        self.editor.move_cursor((line - 1, 0), center=True)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.post_message(self.Edited(event.text_area.text))

    def action_reset(self) -> None:
        """Put the lesson's text back, as an edit that can be undone."""
        editor = self.editor
        editor.replace(self._original, (0, 0), editor.document.end)
        editor.move_cursor((0, 0))

    def action_leave(self) -> None:
        self.screen.set_focus(None)

    def action_run(self) -> None:
        self.post_message(self.RunWanted())
