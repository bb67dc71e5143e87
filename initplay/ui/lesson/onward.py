"""What `enter` does next on the way through a step, and the words for it below the text."""

from __future__ import annotations

from enum import Enum


class Onward(Enum):
    """One thing after the other: read, answer, run, see why, and on to the next step. The value is what is
    said of it."""

    WAIT = "⏎ waits for the run · x stops it"
    PAUSED = "the run is paused · space goes on"
    WHY = "⏎ the why · g what you saw, first"
    RUN = "⏎ run it"
    RUN_GUESSED = "⏎ run it, to settle your guess"
    RUN_EDITED = "⏎ run your edit · e, ctrl+l: the lesson's own"
    RUN_AS_ASKED = "⏎ the knobs as asked, and run it"
    RUN_ANEW = "⏎ a new seed, and run it"
    TYPE = "type a number, or ⏎ and a formula"
    PLACE = "type a number, or g and ↑↓ on the chart"
    CHOOSE = "1-{options} answers"
    READ = "⏎ read on · {below} more"
    GOAL = "⏎ the knobs · h a hint · n leaves it open"
    GOAL_HINTED = "⏎ the knobs · n leaves it open"
    NEXT = "⏎ next step"
    AGAIN = "⏎ run it again"
    LEAVE = "⏎ back to the course"


TO_GOAL = (Onward.GOAL, Onward.GOAL_HINTED)


class Held(Enum):
    """What `enter` and `esc` do where something else than the lesson has the keyboard."""

    NUMBER = "⏎ commits to it · esc leaves it"
    NO_NUMBER = "a number is asked for · esc leaves it"
    SEEN = "⏎ the why · esc leaves it"
    RUNS = "⏎ shows this run · esc the charts"
    OTHER = "esc comes back here"


def onward(
    *,
    running: bool,
    paused: bool,
    asking: bool,
    guessed: bool,
    edited: bool = False,
    strays: bool = False,
    anew: bool = False,
    asks: Onward | None,
    unread: bool,
    to_run: bool,
    goal: bool,
    hinted: bool = False,
    last: bool,
    examines: bool = False,
) -> Onward:
    """What comes next.

    running: a run goes on, or waits to; paused: it is held. asking: a run has settled a prediction, and its
    why waits. guessed: a guess waits for its run; edited: what would run is not the lesson's text, and
    settles nothing; strays: the knobs stand otherwise than for that one; anew: that has to be of a new seed.
    asks: how a prediction in sight that has no answer takes one; None where there is none. unread: the text
    goes on below. to_run: the step has an experiment that has not been run. goal: one is open; hinted: its
    hint was asked for. last: it is the last step. examines: it is no lesson, but the bench of a net, which
    nothing leads on from.
    """
    if running:
        return Onward.PAUSED if paused else Onward.WAIT
    if asking:
        return Onward.WHY
    if guessed and edited:
        return Onward.RUN_EDITED
    if guessed and strays:
        return Onward.RUN_AS_ASKED
    if guessed:
        return Onward.RUN_ANEW if anew else Onward.RUN_GUESSED
    if asks is not None:
        return asks
    if unread:
        return Onward.READ
    if to_run:
        return Onward.RUN
    if goal:
        return Onward.GOAL_HINTED if hinted else Onward.GOAL
    if examines:
        return Onward.AGAIN
    return Onward.LEAVE if last else Onward.NEXT
