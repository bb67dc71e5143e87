"""Why a key of a lesson does nothing now, in a few words for the line of the bench."""

from __future__ import annotations

from initplay.ui.bench.attempt import OF_AN_ATTEMPT, OF_ONE_RUN

_ALWAYS = {
    "back": "this is the first step",
    "switch": "text and bench are both in sight",
    "stop": "nothing runs now",
    "pause": "nothing runs now",
    "first_seed": "the seed is 42 already",
    "hint": "no goal is open in this step",
    "guess": "nothing is asked here",
    "choose": "nothing is asked here",
    "whole": "nothing is drawn yet: r",
    "chart": "there is no other chart",
    "sweep": "a net in a file is not swept",
    "knobs": "this experiment has no knobs",
}
"""Of keys that do nothing for one reason alone."""


def why_not(
    action: str,
    *,
    state: str | None,
    exercise: int | None,
    here: int,
    swept: bool = False,
    others: bool = False,
) -> str:
    """The reason; empty for an action that always does something.

    state: that of the run that is shown, None where there is none. others: whether there were runs, be they
    of another experiment. exercise: the step that asks for the
    learner's own code, None where none does. here: the step that is open; both count from 1. swept: whether
    what is shown is a sweep.
    """
    if action in ("write", "mine"):
        return _without_code(action, exercise, here)
    if swept and action in OF_ONE_RUN:
        return "a sweep is many runs: c leads to its tables"
    if action not in _ALWAYS and (action in OF_AN_ATTEMPT or action == "step"):
        if state is None:
            return "no run of this experiment yet: r" if others else "there is no run yet: r"
        return "this run has not begun" if state == "waiting" else "this run has too little for that"
    return _ALWAYS.get(action, "")


def _without_code(action: str, exercise: int | None, here: int) -> str:
    if exercise is None:
        return "this lesson has no exercise"
    if exercise != here:
        return f"the exercise is in step {exercise}"
    return "no text of yours here has passed: u" if action == "mine" else "the exercise cannot be opened"
