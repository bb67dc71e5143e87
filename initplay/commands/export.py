"""The command that takes a lesson home: as a notebook, or as a plain program."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import click

from initplay.commands.output import say
from initplay.commands.root import Everywhere, Failure, Wrong, initplay
from initplay.words.plain_file import contents
from initplay.words.whole import write_whole

SUFFIXES = (".ipynb", ".py")


@initplay.command()
@click.argument("lesson", metavar="LESSON")
@click.argument("file", metavar="FILE.ipynb|FILE.py", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Write over the files that are there.")
@click.pass_obj
def export(everywhere: Everywhere, lesson: str, file: Path, force: bool) -> None:
    """Take a lesson home. Its text and its experiments without yields, with torch and matplotlib alone.

    What it draws with and the digits are written beside it. Example: initplay export blowup blowup.ipynb
    """
    from initplay.course.lesson import CourseError
    from initplay.export.lesson_file import DIGITS, LAB, digits, is_lab, lab, notebook, program

    if file.suffix not in SUFFIXES:
        raise Wrong(f"{file} ends in neither .ipynb, a notebook, nor .py, a program: name it so.")
    if file.stem == LAB:
        raise Wrong(f"{LAB}.py is what a lesson draws with, beside it: name the lesson's file otherwise.")
    try:
        found = everywhere.course().find(lesson)
    except CourseError as error:
        raise Wrong(str(error)) from error
    if os.path.exists(file) and not force:
        raise Wrong(f"{file} is there already: name another, or write over it with --force.")
    text = notebook(found) if file.suffix == ".ipynb" else program(found)
    beside, numbers = file.with_name(f"{LAB}.py"), file.with_name(DIGITS)
    try:
        if not force:
            _refuse_if_not(is_lab, beside)
            _refuse_if_not(lambda data: data == digits().read_bytes(), numbers)
        write_whole(file, text.encode())
        write_whole(beside, lab().encode())
        write_whole(numbers, digits().read_bytes())
    except OSError as error:
        raise Failure(f"{error.filename or file} cannot be written ({error.strerror}).") from error
    say(f"Wrote {file}, and beside it {LAB}.py, which it draws with, and {DIGITS}.")


def _refuse_if_not(is_ours: Callable[[bytes], bool], path: Path) -> None:
    """A file of that name may be another's. Raises OSError."""
    if os.path.exists(path) and not is_ours(contents(path)):
        raise Wrong(
            f"{path} is there and was not written by export: name a file in another folder, or write over it "
            "with --force."
        )
