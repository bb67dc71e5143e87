"""Home: the course as a list, with what the learner has done of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Key
from textual.message import Message
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from initplay.course.course import Course
from initplay.engine.machine import Machine
from initplay.learner.progress import QUIZ_OFF, LessonState, Progress
from initplay.ui.keys import action_of, bindings, is_for_nothing, no_such_key
from initplay.ui.widgets.in_sight import Rows
from initplay.ui.widgets.key_bar import KeyBar
from initplay.ui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from initplay.classroom.member import Member
    from initplay.course.lesson import Lesson
    from initplay.learner.quiz import Question

_EXERCISE = " · exercise open"
_LEAST_TITLE = 28
"""Columns that a lesson's mark, number and title keep beside that."""
WELCOME = "Read, predict, run, and see whether you were right. Press enter to begin."

NOT_NOW = {
    "quiz": "Nothing is to be asked again now.",
    "quiz_off": "Nothing is to be asked again now.",
    "keepsake": "Your page begins with your first lesson.",
}
"""Of keys that do nothing yet."""


class LessonList(Rows):
    """The lessons, one of them chosen. Announces `Early` where one is opened before the list is there."""

    BINDINGS = bindings("lessons")

    class Early(Message):
        """The learner opens the lesson that will be chosen."""

    def action_select(self) -> None:
        if self.highlighted is None:
            self.post_message(self.Early())
        else:
            super().action_select()


class HomeScreen(Screen[None]):
    """Shows the course and opens its lessons."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]
    BINDINGS = bindings("home")

    class LessonWanted(Message):
        """The learner opens a lesson; `run` to run the experiment of its step at once."""

        def __init__(self, lesson: Lesson, *, run: bool = False) -> None:
            self.lesson = lesson
            self.run = run
            super().__init__()

    class QuizWanted(Message):
        """The learner takes the questions that are due."""

        def __init__(self, questions: Sequence[Question]) -> None:
            self.questions = questions
            super().__init__()

    class KeepsakeWanted(Message):
        """The learner opens the page to keep."""

    def __init__(
        self,
        course: Course,
        machine: Machine,
        progress: Progress,
        now: Callable[[], datetime],
        member: Member | None = None,
    ) -> None:
        """`now` is the moment in UTC, for what is due; `member` is there where a class is told."""
        super().__init__()
        self._now = now
        self._due: Sequence[Question] = ()
        self._course = course
        self._machine = machine
        self._progress = progress
        self._member = member
        self._filled = False

    def compose(self) -> ComposeResult:
        yield TitleBar()
        with Vertical(id="home"):
            yield Static(WELCOME, id="welcome", markup=False)
            if self._member:
                yield Static(_company(self._member), id="company", markup=False)
            yield LessonList(id="lessons", markup=False)
            yield Static("", id="about", markup=False)
            yield Static("", id="troubles", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()
        self.show_machine()

    def on_screen_resume(self) -> None:
        self.call_after_refresh(self.fill)

    def on_resize(self) -> None:
        if self._filled:
            self.call_after_refresh(self.fill)  # the list must have its new width first

    def fill(self) -> None:
        """Show the lessons as they stand now, the one that comes next chosen."""
        self._filled = True
        states = [self._progress.lesson_state(lesson.slug) for lesson in self._course.lessons]
        options = self.query_one(OptionList)
        chosen = self._chosen()
        width = max(20, options.scrollable_content_region.width - 2)
        options.set_options(course_options(self._course.lessons, states, width, brief=self._is_narrow))
        if chosen is not None:
            options.highlighted = options.get_option_index(chosen.slug)
        self._due = self._questions_due(states)
        self.query_one("#welcome", Static).update(self._welcome(states))
        self._say_about(chosen)
        self.refresh_bindings()
        self.show_machine()

    def choose_after(self, lesson: Lesson) -> None:
        """A lesson was read to its end: choose the one that comes next."""
        options, behind = self.query_one(OptionList), self._course.lessons.index(lesson) + 1
        if options.highlighted is not None and behind < len(self._course.lessons):
            options.highlighted = options.get_option_index(self._course.lessons[behind].slug)

    @property
    def _is_narrow(self) -> bool:
        return self.has_class("-narrow")

    def on_option_list_option_highlighted(self) -> None:
        self._say_about(self._chosen())

    def _say_about(self, lesson: Lesson | None) -> None:
        """What the lesson is about, and what of it is open."""
        about = ""
        if lesson:
            from initplay.learner.open_ends import open_in_words

            still = open_in_words(lesson, self._progress.lesson_state(lesson.slug))
            about = f"{_plain(lesson.summary)}\n{still}".rstrip()
        self.query_one("#about", Static).update(about)

    def _questions_due(self, states: Sequence[LessonState]) -> Sequence[Question]:
        if not any(state.predictions for state in states):
            return ()
        from initplay.learner.quiz import questions_due

        return questions_due(self._course.lessons, self._progress, self._now())

    def show_machine(self) -> None:
        """Say what runs here, and what does not work."""
        if not self.query("#troubles"):
            return  # the engine may speak before the screen is there, and after
        bar = self.query_one(TitleBar)
        bar.place = "weight initialization, by running it"
        bar.state = self._machine.described
        if not self._filled:
            return  # the course is not read yet, and so its troubles are not known
        troubles = self.query_one("#troubles", Static)
        troubles.update(self._troubles())
        troubles.display = bool(self._troubles())

    def _place(self) -> int:
        """The lesson the learner was in, or the next one if that is done."""
        place = self._progress.last_place()
        slugs = [lesson.slug for lesson in self._course.lessons]
        if place is None or place[0] not in slugs:
            return 0
        at = slugs.index(place[0])
        done = self._progress.lesson_state(place[0]).done
        return min(at + done, len(slugs) - 1)

    def _welcome(self, states: list[LessonState]) -> str | Text:
        if not any(state.step for state in states):
            return WELCOME
        from initplay.learner.calibration import calibrate, predictions_of  # of no use before the first frame

        done = sum(state.done for state in states)
        made = [prediction for state in states for prediction in state.predictions]
        predicted = calibrate(predictions_of(self._course.lessons), made).in_words()
        said = f"{done} of {len(states)} lessons done\n{predicted}".rstrip()
        if not self._due:
            return said
        count = f"{len(self._due)} question{'s' * (len(self._due) > 1)}"
        return Text.assemble(said, (f"\n{count} you once missed: a asks again, A never does", "dim"))

    def _troubles(self) -> str:
        troubles = [
            *self._progress.warning.splitlines(),
            self._machine.trouble,
            *map(str, self._course.problems),
        ]
        return "\n".join(f"! {trouble}" for trouble in troubles if trouble)

    def _chosen(self) -> Lesson | None:
        """The lesson the cursor is on; before the list is filled, the one it will be on."""
        if not self._course.lessons:
            return None
        options = self.query_one(OptionList)
        if options.highlighted is None:
            return self._course.lessons[self._place()]
        slug = options.get_option_at_index(options.highlighted).id
        return next(lesson for lesson in self._course.lessons if lesson.slug == slug)

    def action_run(self) -> None:
        if lesson := self._chosen():
            self.post_message(self.LessonWanted(lesson, run=True))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "quiz":
            return bool(self._due)
        if action == "quiz_off":
            return bool(self._due or self._progress.setting(QUIZ_OFF))
        if action == "keepsake":
            return self._progress.last_place() is not None
        return True

    def on_key(self, event: Key) -> None:
        """Say of a key that does nothing why, or that it is none."""
        if is_for_nothing(event, self):
            words = NOT_NOW.get(action_of(event.key, "home")) or no_such_key(event)
            self.notify(words, timeout=3, markup=False)

    def action_quiz(self) -> None:
        self.post_message(self.QuizWanted(self._due))

    def action_quiz_off(self) -> None:
        """No quiz any more; where that was said before, as before."""
        off = not self._progress.setting(QUIZ_OFF)
        self._progress.set_setting(QUIZ_OFF, off)
        self.notify("Nothing is asked again; A has it asked after all." if off else "It is asked again.")
        self.fill()

    def action_keepsake(self) -> None:
        self.post_message(self.KeepsakeWanted())

    def on_lesson_list_early(self) -> None:
        if lesson := self._chosen():
            self.post_message(self.LessonWanted(lesson))

    def on_option_list_option_selected(self) -> None:
        if lesson := self._chosen():
            self.post_message(self.LessonWanted(lesson))


def _company(member: Member) -> str:
    """Who else is told, and by what name."""
    return f"In class as {member.name}: {member.folder} is told what you predict, reach and solve."


def course_options(
    lessons: Sequence[Lesson], states: Sequence[LessonState], width: int, *, brief: bool = False
) -> list[Option]:
    """The lessons, each part of the course under its heading; `brief` has a line for each, no summary."""
    options = []
    part = ""
    for lesson, state in zip(lessons, states, strict=True):
        if lesson.part and lesson.part != part:
            minutes = sum(other.minutes or 0 for other in lessons if other.part == lesson.part)
            heading = Text.assemble((lesson.part, "bold italic"), (f"  {minutes} min", "dim"))
            options.append(Option(heading, disabled=True))
        part = lesson.part
        options.append(Option(lesson_line(lesson, state, width, brief=brief), id=lesson.slug))
    return options


def lesson_line(lesson: Lesson, state: LessonState, width: int, *, brief: bool = False) -> Text:
    """Number, title, minutes and state; then, unless it is `brief`, a line of what the lesson is about."""
    mark, words = _standing(lesson, state)
    minutes = f"{lesson.minutes} min" if lesson.minutes else ""
    right = f"{words}  {minutes:>6}"
    left = Text.assemble((f"{mark} ", "bold"), (f"{lesson.number:02}  ", "dim"), (lesson.title, "bold"))
    room = min(left.cell_len, _LEAST_TITLE)
    if _is_exercise_open(lesson, state) and room + len(_EXERCISE) + len(right) + 2 <= width:
        right = f"{words}{_EXERCISE}  {minutes:>6}"
    left.truncate(max(0, width - len(right) - 2), overflow="ellipsis")
    gap = " " * max(1, width - left.cell_len - len(right))
    line = Text.assemble(left, gap, (right, "dim"))
    if brief:
        return line
    summary = Text(f"      {_plain(lesson.summary)}", "dim")
    summary.truncate(width, overflow="ellipsis")
    return Text.assemble(line, "\n", summary)


def _is_exercise_open(lesson: Lesson, state: LessonState) -> bool:
    """Whether it is all that is to do of a lesson that is done but for that, where nobody would look."""
    from initplay.learner.open_ends import open_ends

    return state.done and any(ends.exercise for ends in open_ends(lesson, state))


def _plain(text: str) -> str:
    """Without the signs of Markdown for code."""
    return text.replace("`", "")


def _standing(lesson: Lesson, state: LessonState) -> tuple[str, str]:
    from initplay.learner.open_ends import goals_in_words, unanswered, unread

    if not state.step:
        return "○", "not begun"
    goals = goals_in_words(lesson, state)
    if state.done:
        waiting = unanswered(lesson, state)
        return "●", " · ".join(filter(None, ("done", f"{waiting} unanswered" * bool(waiting), goals)))
    if state.furthest >= len(lesson.steps):  # at its end, but past some of it
        return "◐", " · ".join(filter(None, (f"{len(unread(lesson, state))} not read", goals)))
    return "◐", " · ".join(filter(None, (f"step {state.step} of {len(lesson.steps)}", goals)))
