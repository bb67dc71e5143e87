"""The learner's own files for the exercises, one for each level in the folder of their data; and how a text
is read from a file of theirs and written to it, be it an exercise or a net."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

from initplay.course.exercise import LEVELS, Exercise
from initplay.course.python_text import NotText, decoded, encoding_of
from initplay.learner.saved import NotKept
from initplay.learner.store import data_dir
from initplay.words.plain_file import contents, opened
from initplay.words.whole import write_whole

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
    if not os.path.exists(path):
        write(path, exercise.start(level))
    return path


def write(path: Path, text: str) -> None:
    """Keep the text, with the line ends, the byte order mark and the rights of a file that is there. Raises
    NotKept, with what was there untouched as far as the disk allows."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mark, line_end = _form_of(path)
        write_whole(path, _encoded(text, path, mark, line_end))
    except OSError as error:
        raise NotKept(f"{path} could not be written ({error.strerror}).") from error


def _form_of(path: Path) -> tuple[bytes, str]:
    """A file's byte order mark, if it has one, and what its first line ends with: as the system has it where
    there is no file."""
    if not os.path.exists(path):
        return b"", os.linesep
    with opened(path) as file:
        line = file.readline(MOST_BYTES)
    mark = codecs.BOM_UTF8 if line.startswith(codecs.BOM_UTF8) else b""
    return mark, "\r\n" if line.endswith(b"\r\n") else "\n"


def _encoded(text: str, path: Path, mark: bytes, line_end: str) -> bytes:
    """In the encoding that the text itself names, which is how Python will read it, or in UTF-8 behind the
    byte order mark that was there. Raises NotKept."""
    whole = text.replace("\n", line_end)
    in_utf_8 = whole.encode("utf-8", errors="replace")  # half a surrogate pair is no text
    try:
        encoding = encoding_of(in_utf_8)
    except NotText:  # it is being typed
        return mark + in_utf_8
    if encoding == "utf-8":
        return mark + in_utf_8
    try:
        encoded = whole.encode(encoding)
    except UnicodeEncodeError as error:
        raise NotKept(
            f"{path} could not be written: {whole[error.start]!r} is not in {error.encoding}, the encoding "
            "that the file names."
        ) from error
    if encoded.decode(encoding, errors="replace") != whole:
        raise NotKept(
            f"{path} could not be written: {encoding}, the encoding that the file names, does not give this "
            "text back. Name utf-8."
        )
    return encoded


def read(path: Path) -> str:
    """The text of a file, whatever its line ends, with or without a byte order mark. Raises NotReadable."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise NotReadable(f"{path} is {size:,} bytes, too large for a text: is it the right file?")
        text = decoded(contents(path))
    except OSError as error:
        raise NotReadable(f"{path} cannot be read ({error.strerror}).") from error
    except NotText as error:
        raise NotReadable(f"{path} {error}.") from error
    if "\0" in text:
        raise NotReadable(f"{path} is no text: there is a zero byte in it.")
    return text
