"""The source pane: the text of the experiment, which is what runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from initplay.course.experiment import SignatureError, experiments
from initplay.lab.events import Ending, Failed
from initplay.ui.editor.elsewhere import edited_elsewhere, with_keys_held
from initplay.ui.keys import bindings

if TYPE_CHECKING:
    from textual.widgets import TextArea

    from initplay.ui.editor.editor import Editor

KEYS = "ctrl+r run · ctrl+g diff · ctrl+o $EDITOR · ctrl+l reset · esc leaves"
KEYS_OF_A_FILE = "ctrl+r run · ctrl+s writes {} · ctrl+g diff · ctrl+l reset · esc leaves"
EARLIER, IN_PLACE_OF = "f4 your earlier text · ", ("ctrl+o $EDITOR · ", "ctrl+l reset · ")
"""The key of what the learner wrote before, and those that the key bar tells of as well."""
CHECKED_AFTER = 0.6
"""Seconds without typing."""


class SourcePane(Vertical):
    """An editor on the lesson's experiments. Announces `Edited`; the text needs no saving to be run."""

    BINDINGS = bindings("editor")

    class Edited(Message):
        """The learner changed the text."""

        def __init__(self, text: str, original: str) -> None:
            self.text = text
            self.original = original
            super().__init__()

    class RunWanted(Message):
        """The learner wants to run what stands here."""

    class WriteWanted(Message):
        """The learner wants this text kept: in their file, where it is from one."""

        def __init__(self, text: str) -> None:
            self.text = text
            super().__init__()

    def __init__(
        self,
        text: str,
        original: str,
        scratches: Mapping[str, str] | None = None,
        *,
        read: Callable[[str], object] = experiments,
        file: str = "",
        id: str | None = None,
    ) -> None:
        """`scratches` are what the learner made of the text before, by name, the newest first. `read` raises
        SignatureError where a text cannot be run. `file` is the name of the user's own that it is from."""
        super().__init__(id=id)
        self._read = read
        self._file = file
        self._scratches = list((scratches or {}).items())
        self._taken_up = -1
        self._text = text
        self.original = original
        """The lesson's own text, or that of the file."""
        self._problem = ""
        self._of_run = False
        """Whether the problem is what a run died of, which a text that reads well is no answer to."""

    def compose(self) -> ComposeResult:
        # Brings tree-sitter, which nobody waits for who does not edit.
        from initplay.ui.editor.editor import Editor

        yield Static("", id="source-note", markup=False)
        yield Editor(self._text)

    @property
    def editor(self) -> Editor:
        from initplay.ui.editor.editor import Editor

        return self.query_one(Editor)

    def on_mount(self) -> None:
        self._check_soon = self.set_interval(CHECKED_AFTER, self._check, pause=True)
        self._note("")
        if self._text != self.original:
            self._check()

    def say(self, problem: str, line: int | None = None, *, of_run: bool = False) -> None:
        """Show what is wrong with the text, and go to its line, counted from 1; nothing where nothing is."""
        self._note(problem, line, of_run)
        if line is not None:
            self.go_to(line)

    def show_ending(self, ending: Ending | None, *, of_this_text: bool) -> None:
        """Show what a run died of, at its line where that text stands here; else let go of what the run
        before died of, while what is wrong with the text stays."""
        if isinstance(ending, Failed):
            self.say(ending.message, ending.line if of_this_text else None, of_run=True)
        elif self._of_run:
            self._note("")

    def _note(self, problem: str, line: int | None = None, of_run: bool = False) -> None:
        self._problem, self._of_run = problem, of_run
        note = self.query_one("#source-note", Static)
        note.update(problem or self._keys)
        note.set_class(bool(problem), "-problem")
        self.editor.mark(line)

    @property
    def _keys(self) -> str:
        keys = KEYS_OF_A_FILE.format(self._file) if self._file else KEYS
        if not self._scratches:
            return keys
        for other in IN_PLACE_OF:
            keys = keys.replace(other, "")
        return EARLIER + keys

    def enter(self) -> None:
        """Take the keyboard, with the cursor's line in view."""
        self.editor.focus()  # in a moment, for what was open before may still let go of the keyboard
        # Only once the editor has its size does it know what is in view.
        self.call_after_refresh(self.editor.scroll_cursor_visible, center=True)

    def go_to(self, line: int) -> None:
        """Put the cursor on a line, counted from 1."""
        self.editor.move_cursor((line - 1, 0), center=True)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._check_soon.reset()
        self._check_soon.resume()
        self.post_message(self.Edited(event.text_area.text, self.original))

    def _check(self) -> None:
        """Say what keeps the text from being run, before anybody runs it."""
        self._check_soon.pause()
        try:
            self._read(self.editor.text)
        except SignatureError as error:
            self._note(str(error), error.line)
        else:
            if self._problem and not self._of_run:
                self._note("")

    def action_run(self) -> None:
        self.post_message(self.RunWanted())

    def action_leave(self) -> None:
        self.screen.set_focus(None)

    def action_reset(self) -> None:
        """Put the lesson's text back, as an edit that can be undone."""
        if self.editor.text == self.original:
            self.notify(f"Nothing is changed: this is {self._file or 'the lesson'}'s own text.", markup=False)
        self.editor.put(self.original)

    def action_diff(self) -> None:
        from initplay.ui.editor.diff import LESSONS_OWN, DiffScreen, of_file

        wording = of_file(self._file) if self._file else LESSONS_OWN
        self.app.push_screen(DiffScreen(self.original, self.editor.text, wording), self._take)

    def _take(self, text: str | None) -> None:
        """Go on with a text that was edited elsewhere."""
        if text is not None and text != self.editor.text:
            self.editor.put(text)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self._scratches) if action == "scratch" else True

    def action_write(self) -> None:
        self.post_message(self.WriteWanted(self.editor.text))

    def take_original(self, text: str) -> None:
        """The file has this in it now."""
        self.original = text
        self.editor.put(text)

    def action_scratch(self) -> None:
        """Put the next scratch copy in place of the text, as an edit that can be undone."""
        self._taken_up = (self._taken_up + 1) % len(self._scratches)
        name, text = self._scratches[self._taken_up]
        self.editor.put(text)
        place = f"{self._taken_up + 1} of {len(self._scratches)}"
        own = self._file or "the lesson's own text"
        self._note(f"{name}, {place}: f4 the next, ctrl+l {own}")

    def action_own_editor(self) -> None:
        # Not awaited here: a run that goes on meanwhile is to be heard of.
        self.run_worker(with_keys_held(self.app, self._edit_elsewhere), group="own editor", exclusive=True)

    async def _edit_elsewhere(self) -> None:
        name = self._file or "experiment.py"
        text, problem = await edited_elsewhere(self.app, self.editor.text, name)
        self.say(problem)
        self._take(text)
