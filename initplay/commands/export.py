"""The command that takes a lesson home: as a notebook, or as a plain program."""

from __future__ import annotations

import os
from pathlib import Path

import click

from initplay.commands.output import say
from initplay.commands.root import Everywhere, Failure, Wrong, initplay
from initplay.words.whole import write_whole

SUFFIXES = (".ipynb", ".py")


@initplay.command()
@click.argument("lesson", metavar="LESSON")
@click.argument("file", metavar="FILE.ipynb|FILE.py", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Write over the file that is there.")
@click.pass_obj
def export(everywhere: Everywhere, lesson: str, file: Path, force: bool) -> None:
    """Take a lesson home. Its text and its experiments without yields, with torch and matplotlib alone.

    What it draws with and the digits are written beside it. Example: initplay export blowup blowup.ipynb
    """
    from initplay.course.lesson import CourseError
    from initplay.export.lesson_file import DIGITS, LAB, digits, lab, notebook, program

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
    try:
        write_whole(file, text.encode())
        write_whole(file.with_name(f"{LAB}.py"), lab().encode())
        write_whole(file.with_name(DIGITS), digits().read_bytes())
    except OSError as error:
        raise Failure(f"{error.filename or file} cannot be written ({error.strerror}).") from error
    say(f"Wrote {file}, and beside it {LAB}.py, which it draws with, and {DIGITS}.")
