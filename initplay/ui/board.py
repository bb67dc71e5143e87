"""The instructor's board: an app of its own that reads a class folder again each second."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Event
from textual.screen import Screen
from textual.widgets import Static

from initplay.charts.sheet import Line, without_fillers
from initplay.classroom.board import Board, board_of
from initplay.classroom.folder import Folder, Seen
from initplay.classroom.sheet import headline, overview, page
from initplay.ui import themes
from initplay.ui.keys import bindings, keys_of
from initplay.ui.pages.help import HelpScreen
from initplay.ui.terminal import entered
from initplay.ui.terminal.app import TerminalApp, replace_parts_of_textual
from initplay.ui.widgets.key_bar import KeyBar
from initplay.ui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from initplay.course.course import Course
    from initplay.look import Look

EVERY = 1.0
"""Seconds between two readings."""
_STYLES = {
    "title": "bold",
    "muted": "$foreground 65%",
    "good": "bold $text-success",
    "warn": "$text-warning",
    "s0": "$series-0",
}
READING = (
    "A line is a lesson: how many are in it now, have been there, saw its end, were right, and passed its "
    "exercise. ◆ is what is right."
)
NOBODY = "Nobody is here yet. Learners join with:\n\n    initplay --class {folder}"


class BoardApp(TerminalApp):
    """Shows a class, all lessons or one; what is shown is a function of what was read last."""

    TITLE = "initplay class"
    ENABLE_COMMAND_PALETTE = False
    CSS_PATH = ["home.tcss", "lesson.tcss", "board.tcss"]
    BINDINGS = bindings("board")

    def __init__(
        self, folder: Folder, course: Course, look: Look, *, names: bool = False, answers: bool = True
    ) -> None:
        super().__init__(look)
        self._folder = folder
        self._course = course
        self._names = names
        self._answers = answers
        self._open: int | None = None
        """Which lesson's page is open, counted from 0; None for the overview."""
        self._seen = Seen()
        self._board = Board(0, ())
        self._left = threading.Event()

    async def on_event(self, event: Event) -> None:
        if (clean := entered.cleaned(event)) is not None:
            await super().on_event(clean)

    def compose(self) -> ComposeResult:
        yield TitleBar()
        with VerticalScroll(id="board", can_focus=False):
            yield Static("", id="sheet", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.theme = themes.DARK
        # On a thread, and one that nobody waits for: a folder on a network may hang.
        threading.Thread(target=self._read, name="board", daemon=True).start()

    def on_unmount(self) -> None:
        self._left.set()

    def _read(self) -> None:
        shown: Seen | None = None
        while not self._left.is_set():
            seen, board = self._round()
            if seen != shown:
                shown = seen
                self.call_later(self._take, seen, board)
            self._left.wait(EVERY)

    def _round(self) -> tuple[Seen, Board]:
        """One reading. Where it fails, what was last shown, with the reason: the next may go well."""
        try:
            seen = self._folder.look()
            return seen, board_of(seen.learners, self._course.lessons)
        except Exception as error:  # noqa: BLE001 (anybody may write anything there: the board outlives it)
            trouble = f"{self._folder.path} cannot be read ({type(error).__name__}: {error})"
            return replace(self._seen, trouble=trouble), self._board

    def _take(self, seen: Seen, board: Board) -> None:
        self._seen, self._board = seen, board
        self._show()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    @property
    def _page(self) -> Screen[object]:
        """Under the help, where that is open."""
        return self.screen_stack[0]

    def _show(self) -> None:
        sheet = self._page.query_one("#sheet", Static)
        bar = self._page.query_one(TitleBar)
        bar.place = f"class in {self._folder.path}"
        switched = " · names" * self._names + " · answers hidden" * (not self._answers)
        bar.state = headline(self._board, self._seen) + switched
        sheet.update(styled(self._lines(max(20, self.size.width - 5))))

    def _lines(self, width: int) -> list[Line]:
        said = f"! {self._seen.trouble}: this is how it was."
        trouble: list[Line] = [[(said, "warn")], []] if self._seen.trouble else []
        board = self._board
        if not board.learners:
            nobody = NOBODY.format(folder=self._folder.path)
            return [*trouble, *([(line, "label")] for line in nobody.splitlines())]
        if self._open is None:
            return trouble + overview(board, width, names=self._names, ascii=self.look.ascii)
        return trouble + page(
            board.lessons[self._open], width, names=self._names, answers=self._answers, ascii=self.look.ascii
        )

    def _turn_to(self, lesson: int | None) -> None:
        self._open = lesson
        self._show()
        self._page.query_one("#board").scroll_home(animate=False)

    def action_turn(self, by: int) -> None:
        """Through the overview and the lessons that somebody has opened, and round again."""
        begun = [at for at, lesson in enumerate(self._board.lessons) if lesson.is_begun]
        pages = [None, *begun]
        at = pages.index(self._open) if self._open in pages else 0
        self._turn_to(pages[(at + by) % len(pages)])

    def action_onward(self) -> None:
        """Into the lesson that most are in, and from each to the next."""
        if self._open is None:
            self.action_most()
        else:
            self.action_turn(1)

    def action_overview(self) -> None:
        self._turn_to(None)

    def action_most(self) -> None:
        if self._board.learners:
            self._turn_to(self._board.where_most_are)

    def action_scroll(self, by: int) -> None:
        self.query_one("#board").scroll_relative(y=by, animate=False)

    def action_names(self) -> None:
        self._names = not self._names
        self._show()

    def action_answers(self) -> None:
        self._answers = not self._answers
        self._show()

    def action_help(self) -> None:
        self.push_screen(HelpScreen(keys_of(self.screen), READING))

    def action_theme(self) -> None:
        self.theme = themes.LIGHT if self.current_theme.dark else themes.DARK


def styled(lines: Sequence[Line]) -> Content:
    """Lines with the colours of their roles."""
    return Content("\n").join(
        Content.assemble(*((without_fillers(text), _STYLES.get(role, "")) for text, role in line))
        for line in lines
    )


def show(folder: Folder, lessons: Path | None, look: Look, *, names: bool, answers: bool) -> int:
    """Open the board and return its exit code."""
    from initplay.course.course import Course
    from initplay.ui.terminal.ascii import AsciiCourse

    course = (AsciiCourse if look.ascii else Course).load(lessons)
    replace_parts_of_textual()
    app = BoardApp(folder, course, look, names=names, answers=answers)
    app.run()
    return app.return_code or 0
