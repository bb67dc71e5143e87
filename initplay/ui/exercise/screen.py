"""The exercise screen: the learner's text, and beside it or below what its checks say."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Key
from textual.screen import Screen
from textual.widgets import ContentSwitcher, TextArea
from textual.widgets.text_area import Selection

from initplay.course.lesson import Lesson
from initplay.engine.machine import Machine
from initplay.ui.editor.diff import DiffScreen, Wording
from initplay.ui.editor.editor import Editor
from initplay.ui.editor.elsewhere import edited_elsewhere, with_keys_held
from initplay.ui.editor.lines import first_blank
from initplay.ui.exercise.desk import Desk
from initplay.ui.exercise.pane import VerdictPane
from initplay.ui.keys import action_of, bindings
from initplay.ui.pages.ask import AskScreen
from initplay.ui.terminal.textual_private.late import is_gone
from initplay.ui.widgets.key_bar import KeyBar
from initplay.ui.widgets.tab_bar import TabBar
from initplay.ui.widgets.title_bar import TitleBar

NOT_YET = "F5 runs the lesson with yours once every check has passed: ctrl+s checks it."
TICK = 0.5
"""Seconds after which at the latest what was typed is in the file, and what is in the file on the screen."""
SOLUTION = Wording("- the solution · + yours", "Yours is the solution, line by line.", "takes it")


class ExerciseScreen(Screen[bool]):
    """Shows a desk, and hands it what the learner does. Closes with whether to run the lesson with theirs."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-middle"), (32, "-high")]
    AUTO_FOCUS = "Editor"
    BINDINGS = bindings("exercise")

    def __init__(self, lesson: Lesson, desk: Desk, machine: Machine) -> None:
        super().__init__()
        self._lesson = lesson
        self._desk = desk
        self._machine = machine
        self._editors: dict[int, Editor] = {}
        """By their levels, as far as they were opened."""
        self._problem = ""
        """Why another editor could not be used."""
        self._asking = False
        self._could_run_it = desk.can_run_it

    def compose(self) -> ComposeResult:
        yield TitleBar()
        yield TabBar()
        with Container(id="exercise"):
            with ContentSwitcher(initial=self._editor_id, id="own-texts"):
                yield self._new_editor()
            yield VerdictPane(id="verdict")
        yield KeyBar()

    def on_mount(self) -> None:
        bar = self.query_one(TitleBar)
        bar.place = f"{self._lesson.number:02} {self._lesson.title}"
        bar.step = f"write {self._desk.exercise.name}"
        self._enter()
        self.watch(self.query_one(VerdictPane), "virtual_size", self._make_room, init=False)
        self.set_interval(TICK, self._tick)
        self.show_machine()
        self.follow()

    def on_resize(self) -> None:
        self.call_after_refresh(self.follow)  # once it is known what there is room for

    def on_unmount(self) -> None:
        self._desk.edit(self.editor.text)
        self._desk.leave()

    def show_machine(self) -> None:
        """Say on the title bar what runs here."""
        for bar in self.query(TitleBar):
            bar.state = self._machine.described

    # The text

    @property
    def _editor_id(self) -> str:
        return f"level-{self._desk.level}"

    def _new_editor(self) -> Editor:
        editor = Editor(self._desk.text)
        editor.id = self._editor_id
        self._editors[self._desk.level] = editor
        return editor

    def _enter(self) -> None:
        """Put the cursor where it was or, in a text that is only begun, where there is something to write."""
        editor, desk = self.editor, self._desk
        if desk.text == desk.start:
            editor.selection = Selection(*first_blank(desk.text))
        elif place := desk.places.get(desk.level):
            editor.selection = Selection.cursor(place)
        self.call_after_refresh(self._show_place)  # only once it has its size does it know what is in view

    def _lead_to_blank(self, checked: str) -> None:
        """To the first one that is left, in a text that was checked, and so is Python."""
        begin, end = first_blank(checked)
        if begin != end and checked == self.editor.text:
            self.editor.selection = Selection(begin, end)
            self.call_after_refresh(self._show_place)

    def _make_room(self) -> None:
        """What the checks say is longer or shorter, and the text has as much less or more room."""
        self.call_after_refresh(self._show_place)

    def _show_place(self) -> None:
        """Bring the cursor into view; of a text that is only begun its top too, if there is room for both."""
        if is_gone(self):
            return
        if self._desk.text == self._desk.start:
            self.editor.scroll_home(animate=False)
        self.editor.scroll_cursor_visible()

    @property
    def editor(self) -> Editor:
        """That of the level: each has its own cursor and its own past."""
        return self._editors[self._desk.level]

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        # Of any level: a letter may come late to the one that was just left.
        for level, editor in self._editors.items():
            if editor is event.text_area:
                self._desk.edit(editor.text, level)
        self.follow()

    def _tick(self) -> None:
        if is_gone(self):
            return
        if self._desk.tick():
            self.editor.put(self._desk.text)
        if self._desk.file.theirs is not None and not self._asking:
            self._ask_whose()
        if self._desk.verdict and self._desk.verdict.running:
            self.follow()

    def _ask_whose(self) -> None:
        self._asking = True
        question = (
            f"There is another text in {self._desk.file.path.name}, and yours here is not in it yet. "
            "Take what is in the file? ctrl+z would bring yours back."
        )
        page = AskScreen(question, "takes the file's", "keeps yours")
        self.app.push_screen(page, self._settle)

    def _settle(self, take_theirs: bool | None) -> None:
        self._asking = False
        self._desk.settle(take_theirs=bool(take_theirs))
        self.editor.put(self._desk.text)

    # What the learner does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._desk.can_run_it if action == "mine" else True

    def on_key(self, event: Key) -> None:
        """Say why the key that runs the lesson does nothing yet."""
        if action_of(event.key, "exercise") == "mine" and not self._desk.can_run_it:
            self._problem = NOT_YET
            self.follow()

    def action_check(self) -> None:
        self._problem = ""
        self.editor.mark(None)
        self._desk.edit(self.editor.text)
        self._desk.check()

    async def action_level(self) -> None:
        await self._open_level(self._desk.next_level)

    async def on_tab_bar_picked(self, message: TabBar.Picked) -> None:
        await self._open_level(int(message.name))

    async def _open_level(self, level: int) -> None:
        self._desk.edit(self.editor.text)
        self._desk.open_level(level)
        switcher = self.query_one(ContentSwitcher)
        is_new = level not in self._editors
        if is_new:
            await switcher.mount(self._new_editor())
        switcher.current = self._editor_id
        if is_new:
            self._enter()
        self.set_focus(self.editor)
        self.follow()

    def action_hint(self) -> None:
        if self._desk.hints_left:
            self._desk.next_hint()
        else:
            self.action_solution()

    def action_solution(self) -> None:
        if self._desk.solution_is_open:
            self._show_solution(True)
        else:
            page = AskScreen("Show the solution?", "shows it beside yours", "goes on without")
            self.app.push_screen(page, self._show_solution)

    def _show_solution(self, wanted: bool | None) -> None:
        if wanted:
            self._desk.see_solution()
            page = DiffScreen(self._desk.exercise.answer, self.editor.text, SOLUTION)
            self.app.push_screen(page, self._take)

    def _take(self, text: str | None) -> None:
        """Go on with a text that was edited elsewhere."""
        if text is not None:
            self.editor.put(text)

    def action_reset(self) -> None:
        """Begin the level again, as an edit that can be undone."""
        is_begun = self.editor.text != self._desk.start
        self.editor.put(self._desk.start)
        self.editor.mark(None)
        self._desk.edit(self.editor.text)
        self._enter()
        if is_begun:
            self.notify("The level begins again. ctrl+z brings your text back.", timeout=3, markup=False)

    def action_own_editor(self) -> None:
        self.run_worker(with_keys_held(self.app, self._edit_elsewhere), group="own editor", exclusive=True)

    async def _edit_elsewhere(self) -> None:
        text, self._problem = await edited_elsewhere(self.app, self.editor.text, self._desk.file.path.name)
        self._take(text)
        if text is not None:
            self.action_check()
        self.follow()

    def action_read(self, lines: int) -> None:
        """Scroll what the checks say."""
        self.query_one(VerdictPane).scroll_relative(y=lines, animate=False)

    def action_mine(self) -> None:
        self._leave(runs_mine=True)

    def action_leave(self) -> None:
        self._leave(runs_mine=False)

    def _leave(self, *, runs_mine: bool) -> None:
        self._desk.edit(self.editor.text)
        self._desk.leave()
        self._desk.places |= {level: editor.cursor_location for level, editor in self._editors.items()}
        self.dismiss(runs_mine)

    # Showing

    def follow(self) -> None:
        """Bring everything up to date with the desk."""
        if is_gone(self) or self._desk.level not in self._editors:
            return
        desk = self._desk
        bar = self.query_one(TabBar)
        bar.tabs, bar.open, bar.aside = desk.levels, str(desk.level), str(desk.file.path)
        if desk.can_run_it and self._problem == NOT_YET:
            self._problem = ""  # the check that went on then has passed
        problem = self._problem or desk.file.trouble
        compact = self.has_class("-narrow")
        self.query_one(VerdictPane).show(desk, problem, compact=compact)
        verdict = desk.verdict
        if verdict and verdict.line is not None and verdict.text == self.editor.text:
            self.editor.mark(verdict.line)
        if verdict and verdict.state == "missed" and not verdict.has_led:
            verdict.has_led = True
            self._lead_to_blank(verdict.text)
        if desk.can_run_it != self._could_run_it:
            self._could_run_it = desk.can_run_it
            self.refresh_bindings()
