"""How the playground is opened, for the bare `initplay` and for `initplay replay`."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from initplay.course.own_net import OwnNet
    from initplay.look import Look
    from initplay.recording.run import Run


class CannotOpen(Exception):
    """The playground cannot be opened as asked; the message is one sentence."""


def has_terminal() -> bool:
    """Whether there is a terminal to draw on: Textual reads from stdin and writes to stderr."""
    return all(map(is_terminal, (sys.stdin, sys.stdout, sys.__stderr__))) and not is_dumb()


def is_dumb() -> bool:
    return os.environ.get("TERM", "") in ("", "dumb")


def is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


def open_playground(
    lessons: Path | None = None,
    *,
    data: str = "auto",
    device: str = "auto",
    recording: Run | None = None,
    net: OwnNet | None = None,
    look: Look | None = None,
) -> int:
    """Open it, on a saved run or a net of the user's where one is given, and return its exit code; without a
    look, it is as the terminal says of itself.

    Raises CannotOpen before anything is drawn.
    """
    if not has_terminal():
        raise CannotOpen(
            "The playground needs a terminal; `initplay list` and `initplay run` work without one."
        )

    # Nothing that start-up makes is garbage, and looking for some takes a tenth of it. The app turns the
    # collector on again once its first frame is painted.
    gc.disable()

    from initplay.look import look_for

    look = look or look_for()
    if look.slow_line and os.environ.get("COLORTERM") in ("truecolor", "24bit"):
        # Textual reads it when it is imported. One of 256 colours is named in half the bytes.
        os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", "256")

    from initplay.course.lesson import CourseError
    from initplay.ui.app import play

    try:
        return play(lessons, data=data, device=device, recording=recording, net=net, look=look)
    except CourseError as error:
        raise CannotOpen(str(error)) from error
