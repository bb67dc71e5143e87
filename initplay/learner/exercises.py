"""The learner's own files for the exercises, one for each level in the folder of their data; and how a text
is read from a file of theirs and written to it, be it an exercise or a net."""

from __future__ import annotations

import codecs
import shutil
from pathlib import Path

from initplay.course.exercise import LEVELS, Exercise
from initplay.learner.saved import NotKept
from initplay.learner.store import data_dir

MOST_BYTES = 1_000_000
"""More is no text that somebody wrote by hand."""


class NotReadable(Exception):
    """A file cannot be read as text; the message is one sentence."""


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
    """Keep the text, with the line ends, the byte order mark and the rights of a file that is there. Raises
    NotKept, with what was there untouched as far as the disk allows."""
    beside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        encoding, line_end = _form_of(path)
        # Half a surrogate pair is no text.
        beside.write_text(text, encoding=encoding, errors="replace", newline=line_end)
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    except OSError as error:
        raise NotKept(
            f"{path} could not be written ({error.strerror}): your text is on the screen alone."
        ) from error


def _form_of(path: Path) -> tuple[str, str | None]:
    """The encoding of a file, and what its first line ends with; UTF-8 and None, the system's, where there is
    no file."""
    if not path.exists():
        return "utf-8", None
    with path.open("rb") as file:
        line = file.readline(MOST_BYTES)
    encoding = "utf-8-sig" if line.startswith(codecs.BOM_UTF8) else "utf-8"
    return encoding, "\r\n" if line.endswith(b"\r\n") else "\n"


def read(path: Path) -> str:
    """The text of a file, whatever its line ends, with or without a byte order mark. Raises NotReadable."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise NotReadable(f"{path} is {size:,} bytes, too large for a text: is it the right file?")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise NotReadable(f"{path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise NotReadable(f"{path} is not text in UTF-8 (byte {error.start}): save it as UTF-8.") from error
    if "\0" in text:
        raise NotReadable(f"{path} is no text: there is a zero byte in it.")
    return text
