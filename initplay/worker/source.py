"""Lesson text as a module, and what went wrong in it as a sentence."""

from __future__ import annotations

import linecache
import os
import sys
import traceback
import types
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache

from initplay.lab.events import Failed


class SourceError(Exception):
    """The source has no such experiment, or it is none; the message is one sentence."""


MODULE = "initplay_experiment"
MAX_TRACEBACK = 20_000
_PROGRAM = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")
_LESSONS = os.path.join(_PROGRAM, "lessons", "")


def load(source: str, filename: str) -> types.ModuleType:
    """Run the text as a module of its own and return it.

    The module is registered before it runs (dataclasses with string annotations look themselves up there)
    and its lines are put where tracebacks look for them.
    """
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    return load_as(MODULE, source, filename)


def load_as(name: str, source: str, filename: str) -> types.ModuleType:
    """The text as a module of that name, which its own parts find under it."""
    module = types.ModuleType(name)
    module.__file__ = filename
    sys.modules[name] = module
    exec(_compiled(source, filename), module.__dict__)
    return module


def compile_ahead(source: str, filename: str) -> None:
    """So that what is forked from this process need not. A text that is no Python, or that Python warns of,
    is compiled by each run, which says so."""
    with suppress(SyntaxError, ValueError, MemoryError, RecursionError, Warning), warnings.catch_warnings():
        warnings.simplefilter("error")
        _compiled(source, filename)


@lru_cache(maxsize=8)
def _compiled(source: str, filename: str) -> types.CodeType:
    """Once, where one process, or many made from it, run a text again and again."""
    return compile(source, filename, "exec")


def experiment(module: types.ModuleType, name: str) -> Callable[..., object]:
    """The function of that name. Raises SourceError where the source defines none."""
    function = getattr(module, name, None)
    if not callable(function):
        raise SourceError(f"The source defines no experiment {name!r}.")
    return function


def explain(error: BaseException, filename: str, what: str) -> Failed:
    """What lesson code raised, as one sentence that names the line, with the part of the traceback in it."""
    line, text = _place(error, filename)
    where = f" at line {line}" if line else ""
    code = f", `{text[:200]}`" if text else ""
    return Failed(f"{what} stopped{where}{code}: {_said(error)}", line, traceback_of(error, filename))


def _said(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return "it called sys.exit(), and an experiment ends by returning."
    if isinstance(error, SyntaxError):
        return f"this is not Python ({error.msg})."
    if isinstance(error, MemoryError):
        return "there is not enough memory for that."
    if isinstance(error, EOFError):
        return "there is nobody to answer input() here, so use a knob."
    lines = traceback.format_exception_only(type(error), error)
    # A syntax error says itself last, after its place; any other first, before its notes.
    said = lines[-1 if isinstance(error, SyntaxError) else 0].strip()
    return said.splitlines()[0][:500]


def _place(error: BaseException, filename: str) -> tuple[int | None, str]:
    """The line of the lesson's own text that was being run, and what stands there."""
    if isinstance(error, SyntaxError) and error.filename == filename:
        return error.lineno, (error.text or "").strip()
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == filename]
    return (frames[-1].lineno, frames[-1].line or "") if frames else (None, "")


def traceback_of(error: BaseException, filename: str) -> str:
    """Python's traceback without the frames of this program, which tell a learner nothing."""
    said = traceback.TracebackException.from_exception(error, compact=True)
    _leave_out_ours(said, filename)
    return "".join(said.format())[-MAX_TRACEBACK:]


def _leave_out_ours(said: traceback.TracebackException, filename: str) -> None:
    """From this one, from those that it came of, and from those that it is a group of."""
    said.stack[:] = [frame for frame in said.stack if not _is_ours(frame.filename, filename)]
    parts = getattr(said, "exceptions", None) or ()  # of a group, from Python 3.11 on
    for other in (said.__cause__, said.__context__, *parts):
        if other is not None:
            _leave_out_ours(other, filename)


def _is_ours(place: str, filename: str) -> bool:
    """Whether a file is of this program; the lessons are not, wherever they lie."""
    return place != filename and place.startswith(_PROGRAM) and not place.startswith(_LESSONS)
