"""The playground: themes, the keys that work everywhere, and the services that screens are given."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import math
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timezone
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.actions import ActionParseResult
from textual.app import SystemCommand
from textual.command import CommandPalette
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.events import DescendantFocus, Event, InputEvent, Key, Paste
from textual.screen import Screen
from textual.theme import Theme
from textual.widget import Widget

from initplay.course.course import Course
from initplay.engine.machine import Machine
from initplay.engine.session import AGAIN, AS_OTHERS
from initplay.learner.progress import Progress
from initplay.look import ANY_TERMINAL, Look
from initplay.ui import garbage, themes
from initplay.ui.ahead import Ahead
from initplay.ui.bench.shelf import Shelf
from initplay.ui.home import HomeScreen
from initplay.ui.keys import bindings, keys_of
from initplay.ui.terminal import entered
from initplay.ui.terminal.app import TerminalApp, replace_parts_of_textual
from initplay.ui.terminal.textual_private import late, styles
from initplay.ui.typed_ahead import TypedAhead

if TYPE_CHECKING:
    from initplay.classroom.member import Member
    from initplay.course.lesson import Lesson
    from initplay.course.own_net import OwnNet
    from initplay.engine.engine import Engine
    from initplay.engine.own_server import OwnServer
    from initplay.recording.run import Run

LOOK_OF_LESSONS = Path(__file__).with_name("lesson.tcss")
ANSWERED_IN = 0.1
"""Seconds in which most keys are."""


TRIES = 10
"""To weigh the server's session, where others change theirs: within twice what Linux takes between two."""


async def _give_its_share(server: OwnServer) -> None:
    """Call it before the server is joined: from then on it weighs its session itself."""
    for _ in range(TRIES):
        if server.weigh(AS_OTHERS):
            break
        await asyncio.sleep(2 * AGAIN / TRIES)


def _now() -> datetime:
    return datetime.now(timezone.utc)


class Playground(TerminalApp):
    """Owns the engine and the progress; shows Home, and lessons on top of it."""

    TITLE = "initplay"
    CSS_PATH = "home.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS = bindings("everywhere")

    _theme_in_use: Theme | None = None
    _pressed_at = -math.inf
    """The moment (monotonic) of the last key."""

    def __init__(
        self,
        course: Course,
        progress: Progress,
        *,
        data: str = "auto",
        device: str = "auto",
        recording: Run | None = None,
        net: OwnNet | None = None,
        look: Look = ANY_TERMINAL,
        now: Callable[[], datetime] = _now,
        member: Member | None = None,
        server: OwnServer | None = None,
    ) -> None:
        """`recording` or `net` is what to begin with. `now` is the moment in UTC, by which questions are due;
        `member` is there where a class is told, `server` where one was started for the engine."""
        super().__init__(look)
        self.stylesheet = styles.stylesheet(self.get_css_variables())
        self.course = course
        self.progress = progress
        self.machine = Machine(data=data, device=device)
        self._server = server
        self.shelf = Shelf(self._say_trouble)
        self._member = member
        self._now = now
        self._ahead = Ahead()
        self._recording = recording
        self._net = net
        self.typed_ahead = TypedAhead(self, super().on_event)
        self.left_unwritten = False
        """Whether the user's file was not written with what they made of it; known at the end."""
        self._said_until: dict[str, float] = {}
        """Until when each sentence stands on the screen."""

    async def on_event(self, event: Event) -> None:
        if isinstance(event, InputEvent):
            self._rest.reset()
            self._rest.resume()
        if isinstance(event, Key):
            self._pressed_at = time.monotonic()
            if not event.is_forwarded:  # else it comes back from who had the keyboard
                garbage.leave_for(ANSWERED_IN)
        clean = entered.cleaned(event)
        if isinstance(clean, InputEvent | Paste) and not clean.is_forwarded:
            await self.typed_ahead.take(clean)
        elif clean is not None:
            await super().on_event(clean)

    @property
    def answering(self) -> bool:
        """Whether a key has just come, so that what it did not ask for may wait."""
        return time.monotonic() - self._pressed_at < ANSWERED_IN

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do what a key asks for, once the screen it asks is built; nothing where that screen is gone."""
        node = default_namespace
        if isinstance(node, Widget) and not node.is_attached:
            return False
        if isinstance(node, Widget) and not node.is_mounted:
            node.call_later(self.run_action, action, node, namespaces)
            return True
        try:
            return await super().run_action(action, node, namespaces)
        except NoMatches as error:
            # An action may wait for something, and a part of a screen may come, or go, later than the screen.
            if late.is_of_what_is_not_there(error):
                return True
            raise

    async def action_quit(self) -> None:
        """Quit, unless that would drop a run which has gone on for long; then the second time."""
        holds_back = getattr(self.screen, "holds_back", None)
        if not (holds_back and holds_back("q", "quits")):
            self.exit()

    def action_quit_at_once(self) -> None:
        self.exit()

    def action_help_quit(self) -> None:
        """Who presses ctrl+c, and has nothing marked to copy, may want to quit."""
        self.notify("ctrl+q quits; everything is kept.", markup=False)

    def action_command_palette(self) -> None:
        # Textual gives it an id, which is still taken while the last one is being closed.
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette())

    @cached_property
    def engine(self) -> Engine:
        from initplay.engine.engine import Engine  # after the first frame

        return Engine(self.machine, data=self.machine.data, server=self._server)

    def on_load(self) -> None:
        self.machine.on_change = self._show_machine
        self.machine.on_trouble = self._say_trouble

    def on_mount(self) -> None:
        self._rest = self.set_interval(garbage.REST, self._use_rest)
        if self._member:
            self._member.on_trouble(partial(self.call_later, self._say_trouble))
        self.progress.on_news(self._say_kept)
        kept = self.progress.setting("theme")
        self.theme = kept if kept in self.available_themes else themes.DARK
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        if self._recording is not None:
            self._open_recording(self._recording)
        elif self._net is not None:
            self._open_net(self._net)

    def _style_lessons(self) -> None:
        """Read how all but Home looks, as was not needed for the first frame."""
        if not self.stylesheet.has_source(str(LOOK_OF_LESSONS)):
            self.stylesheet.read(LOOK_OF_LESSONS)
            self.stylesheet.parse()

    def push_screen(self, *arguments: Any, **options: Any) -> Any:
        self._style_lessons()
        return super().push_screen(*arguments, **options)

    def _use_rest(self) -> None:
        self._style_lessons()
        if not self._ahead.take_one():
            self._rest.pause()
            gc.collect()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        # A cursor that blinks keeps the machine and the line busy all the while that a learner reads.
        # An Input and a TextArea have one, and are not imported before they are needed.
        if hasattr(event.widget, "cursor_blink"):
            event.widget.cursor_blink = False  # type: ignore[attr-defined]

    def on_ready(self) -> None:
        # The first frame is what the first screen is asked for next; it never goes.
        self.screen_stack[0].call_later(self.call_later, self._begin)

    async def _begin(self) -> None:
        """Do what the first frame need not wait for."""
        garbage.leave_for_rests()
        if self._server is not None:
            await _give_its_share(self._server)
        with contextlib.suppress(OSError):  # that has been said, on Home and to every run
            await self.engine.open()

    def get_default_screen(self) -> HomeScreen:
        # Pushed on top of Textual's own first screen, it would wait for that to be built and painted.
        return HomeScreen(self.course, self.machine, self.progress, self._now, self._member)

    async def on_unmount(self) -> None:
        gc.enable()  # a key may have come a moment ago
        try:
            await self.engine.close()
        finally:
            await self.shelf.close()  # which keeps what the runs had come to
            self.left_unwritten = self._net is not None and self.progress.edit(self._net.slug) is not None
            self.progress.close()

    @property
    def current_theme(self) -> Theme:
        # Asked for each line that is drawn; Textual copies its list of themes three times to answer.
        if self._theme_in_use is None or self._theme_in_use.name != self.theme:
            self._theme_in_use = super().current_theme
        return self._theme_in_use

    def get_system_commands(self, screen: Screen) -> Iterable[SystemCommand]:
        """The command palette: what the keys of the screen do, and Textual's themes."""
        for key in keys_of(screen):
            yield SystemCommand(key.words.capitalize(), f"key: {key.key}", partial(self.call_later, key.do))
        yield SystemCommand("Choose a theme", "any of Textual's", self.search_themes)

    def on_home_screen_lesson_wanted(self, message: HomeScreen.LessonWanted) -> None:
        from initplay.learner.open_ends import step_to_open

        step = step_to_open(message.lesson, self.progress.lesson_state(message.lesson.slug))
        self._open(message.lesson, step=step, run_at_once=message.run)

    def _open(self, lesson: Lesson, **options: object) -> None:
        # Brings Markdown and the charts, which Home need not wait for.
        if lesson.examines:
            from initplay.ui.own_net.screen import OwnNetScreen as Kind
        else:
            from initplay.ui.lesson.screen import LessonScreen as Kind

        screen = Kind(
            lesson,  # type: ignore[arg-type]
            self.engine,
            self.machine,
            self.progress,
            shelf=self.shelf,
            look=self.look,
            **options,  # type: ignore[arg-type]
        )
        self.push_screen(screen, partial(self._close, lesson))

    def _close(self, lesson: Lesson, at_its_end: bool | None) -> None:
        """After a lesson comes the next one, after the last there is a page to keep."""
        if at_its_end and lesson is self.course.lessons[-1]:
            self.on_home_screen_keepsake_wanted()
        elif at_its_end and lesson in self.course.lessons:
            home = self.screen_stack[0]
            assert isinstance(home, HomeScreen), "it lies under all others"
            home.choose_after(lesson)

    def on_home_screen_keepsake_wanted(self) -> None:
        from initplay.course.reference import text_of
        from initplay.learner.keepsake import keepsake
        from initplay.ui.pages.keepsake import KeepsakeScreen

        lessons = self.course.lessons
        states = [self.progress.lesson_state(lesson.slug) for lesson in lessons]
        page = keepsake(lessons, states, text_of(self.course.path) or "")
        self.push_screen(KeepsakeScreen(page, self.look))

    def on_home_screen_quiz_wanted(self, message: HomeScreen.QuizWanted) -> None:
        from initplay.ui.pages.quiz import QuizScreen

        self.push_screen(QuizScreen(message.questions, self.progress, self._now, self.look))

    def _open_recording(self, run: Run) -> None:
        from initplay.ui.replay import place_of  # what a start without a saved run need not wait for

        lesson, step = place_of(run, self.course)
        self._open(lesson, step=step, recording=run)

    def _open_net(self, net: OwnNet) -> None:
        from initplay.ui.exercise.own_file import OwnFile

        file = OwnFile(Path(net.file).resolve(), net.source, begins=False)  # one that was deleted stays so
        self._open(net, file=file, run_at_once=True)

    def _show_machine(self) -> None:
        for screen in self.screen_stack:
            show = getattr(screen, "show_machine", None)
            if show:
                show()

    def notify(self, message: str, *, timeout: float | None = None, **more: Any) -> None:
        """As Textual's, but a sentence that stands there is not put below itself again, however long a key is
        held down."""
        now, timeout = time.monotonic(), self.NOTIFICATION_TIMEOUT if timeout is None else timeout
        self._said_until = {said: until for said, until in self._said_until.items() if until > now}
        if message not in self._said_until:
            self._said_until[message] = now + timeout
            super().notify(message, timeout=timeout, **more)

    def _say_trouble(self, sentence: str) -> None:
        self.notify(sentence, severity="warning", timeout=8, markup=False)

    def _say_kept(self, sentence: str) -> None:
        """Whether what the learner does is kept: on whatever screen is up, and on Home while it is so."""
        self._say_trouble(sentence)
        self.call_later(self._show_machine)

    def action_theme(self) -> None:
        """Between dark and light; the palette has the others."""
        self.theme = themes.LIGHT if self.current_theme.dark else themes.DARK

    def refresh_css(self, animate: bool = True) -> None:
        """Restyle what is seen, and what is under it once that is painted; Textual has all wait for all."""
        self.stylesheet.set_variables(self.get_css_variables())
        self.stylesheet.reparse()
        self.stylesheet.update(self, animate=animate)
        *below, top = self.screen_stack or [None]
        if top is not None:
            top.refresh()
            self.call_after_refresh(self._restyle_below, below)

    def _restyle_below(self, screens: Sequence[Screen | None]) -> None:
        for screen in screens:
            if screen is not None and screen.is_attached:
                self.stylesheet.update(screen)

    def _keep_theme(self, theme: Theme) -> None:
        if theme.name != self.progress.setting("theme"):
            self.progress.set_setting("theme", theme.name)

    def action_reference(self) -> None:
        from initplay.ui.pages.reference import ReferenceScreen

        self.push_screen(ReferenceScreen(self.course.path, self.look))

    def action_help(self) -> None:
        from initplay.ui.pages.help import HelpScreen

        reading = getattr(self.screen, "reading", "")
        self.push_screen(HelpScreen(keys_of(self.screen), reading))


def play(
    lessons_dir: Path | None,
    *,
    data: str,
    device: str,
    recording: Run | None,
    net: OwnNet | None,
    look: Look,
    class_folder: Path | None = None,
    name: str | None = None,
    ask: Callable[[str], str] | None = None,
    server: OwnServer | None = None,
) -> int:
    """Open the playground and return its exit code. Raises CourseError before it opens.

    Where there is a class, the learner's name in it is `name`, or the one kept, or what `ask` answers.
    """
    course = _course(lessons_dir, look)
    progress, member = _progress(class_folder, name, ask)
    replace_parts_of_textual()
    app = Playground(
        course,
        progress,
        data=data,
        device=device,
        recording=recording,
        net=net,
        look=look,
        member=member,
        server=server,
    )
    app.run()
    if net and app.left_unwritten:
        kept = "what you changed is kept, and e, then f4 takes it up when you open it again"
        print(f"initplay: {net.file} was not written: {kept}.", file=sys.stderr)
    if progress.lost:
        print(f"initplay: {progress.lost}", file=sys.stderr)
    if lessons := app.shelf.kept_by_another:
        from initplay.words.names import listed

        print(
            f"initplay: The runs of {listed(lessons)} are gone: another playground keeps its own.",
            file=sys.stderr,
        )
    return app.return_code or 0


def _progress(
    class_folder: Path | None, name: str | None, ask: Callable[[str], str] | None
) -> tuple[Progress, Member | None]:
    if class_folder is None:
        return Progress.open(), None
    from initplay.classroom.progress import ClassProgress

    progress = ClassProgress.join(class_folder, name=name, ask=ask)
    return progress, progress.member


def _course(lessons_dir: Path | None, look: Look) -> Course:
    if not look.ascii:
        return Course.load(lessons_dir)
    from initplay.ui.terminal.ascii import AsciiCourse

    return AsciiCourse.load(lessons_dir)
