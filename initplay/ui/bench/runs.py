"""The runs of a bench as a list: what each was, what came out, and what it changed."""

from __future__ import annotations

from itertools import pairwise

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from initplay.recording.differences import same_experiment
from initplay.recording.run import Run
from initplay.recording.seeds import verdicts
from initplay.ui.bench.attempt import Attempt, against
from initplay.ui.bench.kept import Kept
from initplay.ui.bench.sweeping import in_words
from initplay.ui.keys import bindings
from initplay.ui.widgets.in_sight import Rows
from initplay.words.names import spelled
from initplay.words.numbers import short_fact

MAX_FACTS = 4
NO_RUNS = "No run yet: r makes the first. Here each stands with what came out, and what it changed."
_INDENT = "    "


class RunsPane(Rows):
    """Lists runs, newest first. Announces `Picked`, `PinWanted` and `Left`."""

    BINDINGS = bindings("runs")

    class Picked(Message):
        """The learner goes back to a run."""

        def __init__(self, attempt: Attempt) -> None:
            self.attempt = attempt
            super().__init__()

    class Left(Message):
        """The learner has seen enough of the list."""

    class PinWanted(Message):
        """The learner pins a run or lets it go."""

        def __init__(self, attempt: Attempt) -> None:
            self.attempt = attempt
            super().__init__()

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._attempts: list[Attempt] = []
        self._shown: list[tuple[Attempt, Run, str, bool, bool, int]] | None = None
        """What the list was made of, where it was made; it is made anew only where that is another."""
        self._of: tuple[Kept, Attempt | None] | None = None

    def show(self, kept: Kept, current: Attempt | None) -> None:
        self._of = (kept, current)
        width = self.scrollable_content_region.width
        shown = [
            (attempt, attempt.run, attempt.state, attempt is current, attempt in kept.pinned, width)
            for attempt in kept.attempts
        ]
        if shown == self._shown:
            return
        self._shown = shown
        chosen = None if self.highlighted is None else self._attempts[self.highlighted]
        self._attempts = list(reversed(kept.attempts))
        before = {attempt.number: other for other, attempt in pairwise(kept.attempts)}
        options = [
            Option(
                described(attempt, before.get(attempt.number), is_current, is_pinned, width),
                id=str(attempt.number),
            )
            for attempt, _, _, is_current, is_pinned, _ in reversed(shown)
        ]
        self.set_options(options or [Option(NO_RUNS, disabled=True)])
        if self._attempts:
            self.highlighted = self._attempts.index(chosen) if chosen in self._attempts else 0

    def choose(self, attempt: Attempt | None) -> None:
        """Put the keyboard on a run, if it is there."""
        if attempt in self._attempts:
            self.highlighted = self._attempts.index(attempt)

    def on_resize(self) -> None:
        if self._of:
            self.show(*self._of)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Picked(self._attempts[event.option_index]))

    def action_pin(self) -> None:
        if self.highlighted is not None:
            self.post_message(self.PinWanted(self._attempts[self.highlighted]))

    def action_leave(self) -> None:
        self.post_message(self.Left())


def described(attempt: Attempt, before: Attempt | None, current: bool, pinned: bool, width: int) -> Content:
    """What it was, what came out, and what it changed of the run before: a line each, broken to the width,
    all but the first four cells in, so that runs are told apart."""
    head = Content.assemble(
        ("● " if current else "  ", "bold"),
        (attempt.label, "bold"),
        f"  {attempt.in_words}  {attempt.state}",
        ("  pinned" if pinned else "", "bold"),
    )
    below = [in_words(attempt) if attempt.swept else _facts(attempt), _change(attempt, before)]
    lines = [Content.styled(words, "dim") for words in below if words]
    room = max(20, width - len(_INDENT))
    first, *more = [part for line in (head, *lines) for part in line.wrap(room)]
    return Content("\n").join([first, *(Content(_INDENT) + part for part in more)])


def _facts(attempt: Attempt) -> str:
    facts = list(attempt.run.facts.items())[:MAX_FACTS]
    return "   ".join(f"{spelled(name)} {short_fact(value)}" for name, value in facts) or "no results"


def _change(attempt: Attempt, before: Attempt | None) -> str:
    if before is None or attempt.run.started is None or before.run.started is None:
        return ""
    if before.swept or attempt.swept:
        return ""
    words = against(before, attempt)
    alike = same_experiment(before.run.started, attempt.run.started)
    return ". ".join([words, *verdicts(attempt.run, before.run)] if alike else [words])
