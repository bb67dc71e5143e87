"""The learner's own files for the exercises: one for each level, in the folder of their data."""

from __future__ import annotations

import shutil
from pathlib import Path

from initplay.course.exercise import LEVELS, Exercise
from initplay.learner.saved import NotKept
from initplay.learner.store import data_dir

MOST_BYTES = 1_000_000
"""More is no exercise."""


class NotReadable(Exception):
    """The learner's file cannot be read as text; the message is one sentence."""


def path_of(exercise: Exercise, level: int) -> Path:
    """Where the learner's text of that level lies, or will."""
    return path_at(exercise.lesson, exercise.name, level)


def path_at(lesson: str, name: str, level: int) -> Path:
    """The same by the lesson's slug and the exercise's name, where there may be no such lesson any more."""
    assert level in LEVELS
    return data_dir() / "exercises" / lesson / f"{name}_{level}.py"


def begin(exercise: Exercise, level: int) -> Path:
    """The learner's file of that level; where there is none yet, what they start from. Raises NotKept."""
    path = path_of(exercise, level)
    if not path.exists():
        write(path, exercise.start(level))
    return path


def write(path: Path, text: str) -> None:
    """Keep the text, with the line ends and the rights of a file that is there. Raises NotKept, with what was
    there untouched as far as the disk allows."""
    beside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Half a surrogate pair is no text.
        beside.write_text(text, encoding="utf-8", errors="replace", newline=_line_end_in(path))
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    except OSError as error:
        raise NotKept(
            f"{path} could not be written ({error.strerror}): your text is on the screen alone."
        ) from error


def _line_end_in(path: Path) -> str | None:
    """What the first line of a file ends with, where that is not this system's own."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        return "\r\n" if file.readline(MOST_BYTES).endswith(b"\r\n") else "\n"


def read(path: Path) -> str:
    """The learner's text, whatever its line ends, with or without a byte order mark. Raises NotReadable."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise NotReadable(f"{path} is {size:,} bytes, too large for an exercise: is it the right file?")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise NotReadable(f"{path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise NotReadable(f"{path} is not text in UTF-8 (byte {error.start}): save it as UTF-8.") from error
    if "\0" in text:
        raise NotReadable(f"{path} is no text: there is a zero byte in it.")
    return text
