"""The left side of a lesson: one step's text with its live blocks, in the order the author gave them."""

from __future__ import annotations

from collections.abc import Mapping

from textual.containers import VerticalScroll
from textual.widget import Widget

from initplay.charts.guess import Guess
from initplay.course.knob import Value
from initplay.course.lesson import ExerciseBlock, Goal, Lesson, Prose, RunBlock
from initplay.course.prediction import Predict
from initplay.learner.progress import Progress
from initplay.recording.run import Run
from initplay.ui.bench.attempt import Attempt
from initplay.ui.lesson.cards import GoalCard, PredictCard
from initplay.ui.widgets.page import Page


class StepPane(VerticalScroll, can_focus=False):
    """Shows a step, and settles its predictions and goals by the runs that end."""

    def __init__(self, lesson: Lesson, progress: Progress, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lesson = lesson
        self._progress = progress

    async def show(self, step: int) -> None:
        """Put up a step, counted from 0; the last one is followed by the lesson's sources."""
        async with self.batch():
            await self.remove_children()
            await self.mount_all(self._widgets(step))
        self.scroll_home(animate=False)
        self.border_title = self._lesson.steps[step].title

    def _widgets(self, step: int) -> list[Widget]:
        state = self._progress.lesson_state(self._lesson.slug)
        earlier = {prediction.key: prediction for prediction in state.predictions}
        widgets: list[Widget] = []
        for block in self._lesson.steps[step].blocks:
            if isinstance(block, Prose):
                widgets.append(Page(block.text))
            elif isinstance(block, Predict):
                widgets.append(PredictCard(block, earlier.get(block.key)))
            elif isinstance(block, Goal):
                widgets.append(GoalCard(block, block.key in state.goals))
            else:
                assert isinstance(block, RunBlock | ExerciseBlock)  # those are for the bench
        if step == len(self._lesson.steps) - 1 and self._lesson.sources:
            widgets.append(Page(f"### Sources\n\n{self._lesson.sources}"))
        return widgets

    @property
    def open_prediction(self) -> PredictCard | None:
        """The first prediction that no run has settled yet."""
        return next((card for card in self.query(PredictCard) if card.open), None)

    @property
    def card_to_type_in(self) -> PredictCard | None:
        """Where `g` leads: to what was seen of a run just settled, else to a number that is asked for."""
        cards = list(self.query(PredictCard))
        wanted = [card for card in cards if card.asking] + [card for card in cards if card.takes_number]
        return next(iter(wanted), None)

    @property
    def asks(self) -> str:
        """What is asked after a run, and by which key it is answered; empty where nothing is."""
        return "g: what did you see?" if any(card.asking for card in self.query(PredictCard)) else ""

    @property
    def guess(self) -> Guess | None:
        """The guess that is a place on a chart, if the step has such, or wants one: an open one first."""
        cards = sorted(self.query(PredictCard), key=lambda card: not card.open)
        return next((card.on_chart for card in cards if card.on_chart), None)

    def place(self, x: float, *, final: bool) -> None:
        """Move the open guess to a place on its chart's x axis, and commit to it if that is `final`."""
        for card in self.query(PredictCard):
            if card.on_chart and card.open:
                card.place(x, final=final)
                return

    def on_predict_card_guessed(self, message: PredictCard.Guessed) -> None:
        self._progress.predicted(message.predict.key, message.guess)

    def on_predict_card_seen(self, message: PredictCard.Seen) -> None:
        if message.words:
            self._progress.observed(message.predict.key, message.words)

    def settle(self, attempt: Attempt, asked: Mapping[str, Value]) -> list[str]:
        """Judge what a finished run decides, and say it in a sentence each.

        `asked` are the knobs that the step's predictions are about.
        """
        run = attempt.run
        if run.state != "finished":
            return []
        said = []
        for card in self.query(PredictCard):
            about_this = card.predict.experiment in (None, attempt.experiment.name)
            if not (card.open and card.guess is not None and about_this):
                continue
            if other := [
                f"{knob.name.replace('_', ' ')} {knob.format(asked[knob.name])}"
                for knob in attempt.experiment.knobs
                if knob.name in asked and attempt.knobs[knob.name] != asked[knob.name]
            ]:
                card.pass_over(", ".join(other))
            else:
                self._settle(card, run)
                said.append(f"◆ {card.verdict}")
        values = {**attempt.knobs, **run.facts}
        for card in self.query(GoalCard):
            if card.goal.experiment == attempt.experiment.name and not card.reached and card.judge(values):
                self._progress.goal_reached(card.goal.key, attempt.described)
                said.append("◆ Goal reached.")
        return said

    def _settle(self, card: PredictCard, run: Run) -> None:
        predict, guess = card.predict, card.guess
        assert guess is not None
        outcome = predict.answer if predict.result is None else run.facts.get(predict.result)
        verdict = predict.judge(guess, outcome)
        card.settle(verdict, outcome)
        self._progress.settled(predict.key, guess, outcome, verdict.right, verdict.score)

    def hint(self) -> None:
        """Help with what is open: a goal first, else a prediction."""
        for card in self.query(GoalCard):
            if not card.reached:
                card.hint()
                return
