"""How the playground is opened, for the bare `initplay`, `replay`, `examine --open` and a class's board."""

from __future__ import annotations

import gc
import os
import resource
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from initplay.classroom.folder import Folder
    from initplay.course.own_net import OwnNet
    from initplay.look import Look
    from initplay.recording.run import Run

CLASS = "INITPLAY_CLASS"
"""The variable that names the class folder, where --class does not."""


FILES, FEWEST_FILES = 256, 24
"""That may be open at once: asked for, and what there must be at least. The screen and its lab have 18."""


class CannotOpen(Exception):
    """The playground cannot be opened as asked; the message is one sentence."""


def has_terminal() -> bool:
    """Whether there is a terminal to draw on: Textual reads from stdin and writes to stderr."""
    return _is_on_terminals() and not is_dumb()


def _is_on_terminals() -> bool:
    return all(map(is_terminal, (sys.stdin, sys.stdout, sys.__stderr__)))


def _though_on_one() -> str:
    """Why a terminal is none to draw on, behind that one is needed; empty where there is no terminal."""
    if not _is_on_terminals():
        return ""
    term = os.environ.get("TERM")
    return f" that can be drawn on, and TERM is {term or 'not set'}: set it, such as TERM=xterm-256color"


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
    class_folder: Path | None = None,
    name: str | None = None,
) -> int:
    """Open it, on a saved run or a net of the user's where one is given, and return its exit code; without a
    look, it is as the terminal says of itself.

    `class_folder` is the one that was asked for, by default that of the environment; `name` is the learner's
    there. Raises CannotOpen before anything is drawn.
    """
    if not has_terminal():
        raise CannotOpen(
            f"The playground needs a terminal{_though_on_one()}; `initplay list` and `initplay run` work "
            "without one."
        )

    _ask_the_terminal_its_size()
    _allow_open_files()

    # torch takes a second or two to load: as long as the screen takes to come, nobody waits for it.
    from initplay.engine.own_server import start_ahead

    server = start_ahead(data)

    # Nothing that start-up makes is garbage, and looking for some takes a tenth of it. The app turns the
    # collector on again once its first frame is painted.
    gc.disable()

    from initplay.look import look_for

    look = look or look_for()
    if look.slow_line and os.environ.get("COLORTERM") in ("truecolor", "24bit"):
        # Textual reads it when it is imported. One of 256 colours is named in half the bytes.
        os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", "256")

    from initplay.course.trouble import CourseError
    from initplay.ui.app import play

    folder = class_folder_of(class_folder)
    try:
        return play(
            lessons,
            data=data,
            device=device,
            recording=recording,
            net=net,
            look=look,
            class_folder=folder,
            name=name,
            ask=partial(ask_name, folder),
            server=server,
        )
    except CourseError as error:
        raise CannotOpen(str(error)) from error


def _ask_the_terminal_its_size() -> None:
    """COLUMNS and LINES that somebody exported come before it in Python, and may be those of another one."""
    with suppress(OSError, ValueError):
        if all(os.get_terminal_size(sys.stdout.fileno())):
            os.environ.pop("COLUMNS", None)
            os.environ.pop("LINES", None)


def _allow_open_files() -> None:
    """Raise the limit of this process where it is low, as far as the system lets it. Raises CannotOpen."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = now
    if now != resource.RLIM_INFINITY and now < FILES:
        allowed = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    if allowed != resource.RLIM_INFINITY and allowed < FEWEST_FILES:
        raise CannotOpen(
            f"The playground has {FEWEST_FILES} files open at once, and only {allowed} are allowed here: "
            f"`ulimit -n {FILES}` allows more."
        )


def class_folder_of(asked: Path | None) -> Path | None:
    """The class folder that was asked for, or that the environment names; None where there is no class."""
    named = os.environ.get(CLASS)
    return asked or (Path(named).expanduser() if named else None)


def ask_name(folder: Path | None, made_up: str) -> str:
    """Ask once by what name the learner is to stand on the class's board; empty for the made-up one."""
    print(f"You take part in the class in {folder}.")
    print("It is told what you predict, which steps you reach and what you solve, under a")
    print("name of your choice, and nothing else.")
    if os.environ.get(CLASS):
        print(f"(To take no part: ctrl+c now, and {CLASS}= initplay from then on.)")
    try:
        return input(f"Your name there (enter for {made_up}): ")
    except (EOFError, UnicodeDecodeError):
        return ""


def open_board(folder: Folder, lessons: Path | None, look: Look, *, names: bool, answers: bool) -> int:
    """Open a class's board, which lives until it is left, and return its exit code. Raises CannotOpen."""
    if not has_terminal():
        raise CannotOpen(f"The live board needs a terminal{_though_on_one()}; --plain and --json need none.")
    _ask_the_terminal_its_size()
    _allow_open_files()
    from initplay.ui.board import show

    return show(folder, lessons, look, names=names, answers=answers)
