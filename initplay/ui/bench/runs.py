"""The runs of a bench as a list: what each was, what came out, and what it changed."""

from __future__ import annotations

from itertools import pairwise

from rich.text import Text
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from initplay.recording.differences import same_experiment
from initplay.recording.run import Run
from initplay.recording.seeds import verdicts
from initplay.ui.bench.attempt import Attempt, against
from initplay.ui.bench.kept import Kept
from initplay.ui.keys import bindings
from initplay.words.numbers import short_fact

MAX_FACTS = 4


class RunsPane(OptionList):
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
        self._shown: list[tuple[Attempt, Run, str, bool, bool]] = []
        """What the list was made of; it is made anew only where that is another."""

    def show(self, kept: Kept, current: Attempt | None) -> None:
        shown = [
            (attempt, attempt.run, attempt.state, attempt is current, attempt in kept.pinned)
            for attempt in kept.attempts
        ]
        if shown == self._shown:
            return
        self._shown = shown
        chosen = None if self.highlighted is None else self._attempts[self.highlighted]
        self._attempts = list(reversed(kept.attempts))
        before = {attempt.number: other for other, attempt in pairwise(kept.attempts)}
        self.set_options(
            Option(
                _described(attempt, before.get(attempt.number), attempt is current, attempt in kept.pinned),
                id=str(attempt.number),
            )
            for attempt in self._attempts
        )
        if self._attempts:
            self.highlighted = self._attempts.index(chosen) if chosen in self._attempts else 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Picked(self._attempts[event.option_index]))

    def action_pin(self) -> None:
        if self.highlighted is not None:
            self.post_message(self.PinWanted(self._attempts[self.highlighted]))

    def action_leave(self) -> None:
        self.post_message(self.Left())


def _described(attempt: Attempt, before: Attempt | None, current: bool, pinned: bool) -> Text:
    """Three lines: what it was, what came out, and what it changed of the run before."""
    head = Text.assemble(
        ("● " if current else "  ", "bold"),
        (attempt.label, "bold"),
        f"  {attempt.described}  {attempt.state}",
    )
    if pinned:
        head.append("  pinned", "bold")
    facts = list(attempt.run.facts.items())[:MAX_FACTS]
    found = "   ".join(f"{name.replace('_', ' ')} {short_fact(value)}" for name, value in facts)
    lines = [head, Text(f"    {found or 'no results'}", "dim")]
    if change := _change(attempt, before):
        lines.append(Text(f"    {change}", "dim"))
    return Text("\n").join(lines)


def _change(attempt: Attempt, before: Attempt | None) -> str:
    if before is None or attempt.run.started is None or before.run.started is None:
        return ""
    words = against(before, attempt)
    alike = same_experiment(before.run.started, attempt.run.started)
    return ". ".join([words, *verdicts(attempt.run, before.run)] if alike else [words])
