"""The left side of a lesson: one step's text with its live blocks, in the order the author gave them."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.message import Message
from textual.widget import Widget

from initplay.charts.guess import Guess
from initplay.course.lesson import End, ExerciseBlock, Goal, Lesson, Prose, RunBlock
from initplay.course.prediction import Predict
from initplay.ui.exercise.card import ExerciseCard
from initplay.ui.exercise.desk import Desk
from initplay.ui.lesson.answers import Answers, Challenge
from initplay.ui.lesson.end_card import Afterwards, EndCard
from initplay.ui.lesson.goal_card import GoalCard
from initplay.ui.lesson.predict_card import PredictCard
from initplay.ui.widgets.in_sight import keep_focused_in_sight
from initplay.ui.widgets.page import Page

FEW_LINES = 12
"""Of a page, of which none is shown twice."""


class StepPane(VerticalScroll, can_focus=False):
    """Shows a step, with a card for each thing that it asks. Announces `Resized`."""

    class Resized(Message):
        """It has more room or less."""

    def __init__(
        self,
        lesson: Lesson,
        answers: Answers,
        desk: Desk | None = None,
        trouble: str = "",
        *,
        id: str | None = None,
    ) -> None:
        """`trouble` is why there is no desk for the lesson's exercise."""
        super().__init__(id=id)
        self._desk = desk
        self._trouble = trouble
        self._lesson = lesson
        self._answers = answers
        self.spot: Widget | None = None
        """What a few lines of the text are to show, where there is room for no more."""
        self._sources: Page | None = None
        """Where the lesson's stand, below its last step: to look up, and not on the way."""
        self.why: PredictCard | None = None
        """Of which card the why is read."""
        self._top: tuple[Widget, float] | None = None
        """Which of its parts stands at its top, and how much of that is above; None at the beginning."""
        self._size_of_top = self.size
        """The size of this pane when that was noted: in another the same lines are elsewhere."""
        self._reached: set[Challenge] = set()
        """The goals that were reached when the cards were last brought up to date."""

    def on_resize(self) -> None:
        keep_focused_in_sight(self)
        self.call_after_refresh(self.bring_top_back)
        self.post_message(self.Resized())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self.size == self._size_of_top:  # else it is Textual that moves what is too far for the new size
            self._top = self._part_at(round(new_value))

    def _part_at(self, line: int) -> tuple[Widget, float] | None:
        """The part of the text on a line, and how much of it is above that, of its height."""
        for part in self.displayed_children if line else ():
            place = part.virtual_region
            if line < place.bottom:
                return part, max(0, line - place.y) / max(1, place.height)
        return None

    def bring_top_back(self) -> None:
        """In another size, have what stood at its top stand there again, or the why that is read."""
        if self.why is not None:
            self.bring_spot_into_sight()
        elif self.size != self._size_of_top and self._top and self._top[0] in self.displayed_children:
            part, above = self._top
            place = part.virtual_region
            self.scroll_to(y=place.y + int(above * place.height), animate=False, immediate=True)
        self._size_of_top = self.size  # not before: rounded down time after time, it would climb

    async def show(self, step: int) -> None:
        """Put up a step, counted from 0; the last one is followed by the lesson's sources."""
        async with self.batch():
            await self.remove_children()
            widgets = self._widgets(step)
            for last in widgets[-1:]:
                last.add_class("-last")
            self.set_class(len(self._answers.predictions) > 1, "-several")
            await self.mount_all(widgets)
        self.spot = self.why = self._top = None
        self._reached = {challenge for challenge in self._answers.goals if challenge.reached}
        self.scroll_home(animate=False)
        self.border_title = self._lesson.steps[step].title

    def _widgets(self, step: int) -> list[Widget]:
        self._sources = None
        predictions, goals = iter(self._answers.predictions), iter(self._answers.goals)
        widgets: list[Widget] = []
        for block in self._lesson.steps[step].blocks:
            if isinstance(block, Prose) and block.after:
                above = [widget.answer for widget in widgets if isinstance(widget, PredictCard)]
                widgets.append(Afterwards(block.text, above))
            elif isinstance(block, Prose):
                widgets.append(Page(block.text))
            elif isinstance(block, Predict):
                widgets.append(PredictCard(next(predictions), self._answers))
            elif isinstance(block, Goal):
                widgets.append(GoalCard(next(goals)))
            elif isinstance(block, End):
                widgets.append(EndCard(block, self._answers))
            elif isinstance(block, ExerciseBlock):
                widgets.append(ExerciseCard(self._desk, self._trouble))
            else:
                assert isinstance(block, RunBlock)  # that is for the bench
        if step == len(self._lesson.steps) - 1 and self._lesson.sources:
            self._sources = Page(f"### Sources\n\n{self._lesson.sources}")
            widgets.append(self._sources)
        return widgets

    def follow(self) -> GoalCard | None:
        """Bring the cards up to date with the answers; the goal that was reached since the last time."""
        new = [card for card in self.query(GoalCard) if card.challenge.reached]
        new = [card for card in new if card.challenge not in self._reached]
        self._reached |= {card.challenge for card in new}
        for card in self.query(PredictCard):
            card.show()
        for card in self.query(GoalCard):
            card.show()
        for card in self.query(EndCard):
            card.show()
        for card in self.query(ExerciseCard):
            card.show()
        self._show_afterwards()
        return new[-1] if new else None

    def _show_afterwards(self) -> None:
        for part in self.query(Afterwards):
            part.show()

    def on_predict_card_changed(self) -> None:
        self._show_afterwards()

    @property
    def open_prediction(self) -> PredictCard | None:
        """The first prediction that has no answer; where all have one, the first that no run has settled."""
        still_open = [card for card in self.query(PredictCard) if card.answer.open]
        unanswered = (card for card in still_open if card.answer.guess is None)
        return next(unanswered, next(iter(still_open), None))

    @property
    def unanswered(self) -> PredictCard | None:
        """The first prediction that has no answer."""
        card = self.open_prediction
        return card if card is not None and card.answer.guess is None else None

    @property
    def card_to_type_in(self) -> PredictCard | None:
        """Where `g` leads: to what was seen of a run just settled, else to a number that is asked for, and
        first to one that has no answer."""
        cards = list(self.query(PredictCard))
        numbers = [card for card in cards if card.takes_number]
        unanswered = [card for card in numbers if card.answer.guess is None]
        wanted = [card for card in cards if card.answer.asking] + unanswered + numbers
        return next(iter(wanted), None)

    @property
    def asking(self) -> PredictCard | None:
        """The first card that a run has just settled, and whose why waits."""
        return next(iter(self.all_asking), None)

    @property
    def all_asking(self) -> list[PredictCard]:
        return [card for card in self.query(PredictCard) if card.answer.asking]

    @property
    def open_goal(self) -> GoalCard | None:
        """The first goal that no run has reached yet."""
        return next((card for card in self.query(GoalCard) if not card.challenge.reached), None)

    @property
    def unread(self) -> bool:
        """Whether the text goes on below what is in sight."""
        return self.lines_below > 0

    @property
    def lines_below(self) -> int:
        """How many there are below what is in sight, but for the lesson's sources."""
        return max(0, self._end - self.scroll_offset.y - self.size.height)

    @property
    def _end(self) -> int:
        """The line behind the last one, but for the lesson's sources and the blank line before them."""
        return self._sources.virtual_region.y - 1 if self._sources else self.virtual_size.height

    @property
    def sources_below(self) -> bool:
        """Whether the lesson's sources stand below what is in sight."""
        return self._sources is not None and self.scroll_offset.y < self.max_scroll_y

    def is_in_sight(self, widget: Widget) -> bool:
        """Whether its end is, of something in the text. Where it lies on the screen is known only once that
        was laid out anew, after the text was scrolled and after whoever heard of that."""
        return widget.virtual_region.bottom <= self.scroll_offset.y + self.size.height

    def read_on(self) -> None:
        """A page on, of which the first line was in sight before, where that is no few lines."""
        again = self.size.height > FEW_LINES
        self.spot = self.why = None
        self.scroll_relative(y=max(1, self.size.height - again), animate=False)

    def read_why(self, card: PredictCard) -> None:
        """Bring what a card says of its answer into sight, and as much as there is room for behind it."""
        self.spot = self.why = card
        self.call_after_refresh(self.bring_spot_into_sight)

    def begin(self) -> None:
        """Bring the top into sight: who begins reads what the first question is about."""
        self.spot = None
        self.call_after_refresh(self.scroll_home, animate=False)

    def lead_to_question(self) -> None:
        """Bring the first question that has no answer into sight, with what of its text has room above it."""
        if card := self.unanswered:
            self.call_after_refresh(self.scroll_to_widget, card, animate=False)

    def point(self, spot: Widget | None = None) -> None:
        """Bring into sight, in what room there is, a card or by default the first thing that is open: a why
        that waits, a prediction, a goal; where nothing is, the end of the text."""
        self.why = None
        self.spot = spot or self.asking or self.open_prediction or self.open_goal
        self.call_after_refresh(self.bring_spot_into_sight)

    def bring_spot_into_sight(self) -> None:
        if self.spot is None:
            self.scroll_to(y=max(0, self._end - self.size.height), animate=False)
        elif self.spot.is_attached:
            self.scroll_to_widget(self._part_in_sight(self.spot), top=True, animate=False)

    def _part_in_sight(self, card: Widget) -> Widget:
        """The card, or what it says of the answer where there is not room for both: of one whose why is read,
        with what comes behind it."""
        says = card.query(".card-verdict")
        settled = card.has_class("-settled") or isinstance(card, GoalCard)
        last = self._end if card is self.why else card.virtual_region.bottom
        fits = last - card.virtual_region.y <= self.size.height
        return says.first() if says and settled and not fits else card

    @property
    def asks(self) -> str:
        """What is asked after a run, and by which key it is answered; empty where nothing is."""
        asking = any(answer.asking for answer in self._answers.predictions)
        return "g: what did you see?" if asking else ""

    def guess_on(self, other: bool) -> Guess | None:
        """The guess that is a place on a chart, if the step has such, or wants one: an open one first. On the
        chart of a run that is about something `other` stands none that is settled."""
        cards = sorted(self.query(PredictCard), key=lambda card: not card.answer.open)
        cards = [card for card in cards if card.answer.open or not other]
        return next((card.on_chart for card in cards if card.on_chart), None)

    def place(self, x: float, *, final: bool) -> None:
        """Move the open guess to a place on its chart's x axis, and commit to it if that is `final`."""
        for card in self.query(PredictCard):
            if card.on_chart and card.answer.open:
                card.place(x, final=final)
                return

    def hint(self) -> GoalCard | None:
        """Help with the first goal that is not reached; which that is."""
        if card := self.open_goal:
            card.challenge.hinted = True
            card.show()
        return card
