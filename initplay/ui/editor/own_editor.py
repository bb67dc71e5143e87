"""The learner's own editor, the one that $VISUAL or $EDITOR names, on a copy of the text."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
import sys
import tempfile
import termios
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from initplay.words.signals import signal_name


class NotEdited(Exception):
    """Nothing came back from the editor; the message is one sentence."""


def command(environment: Mapping[str, str]) -> list[str]:
    """The editor with its arguments, as the environment names it. Raises NotEdited where it names none."""
    for name in ("VISUAL", "EDITOR"):
        if not environment.get(name, "").strip():
            continue
        try:
            return shlex.split(environment[name])
        except ValueError as error:
            raise NotEdited(f"${name} is {environment[name]!r}, which is no command: {error}.") from None
    raise NotEdited("No editor is set: start initplay as `EDITOR=vim initplay`, with the one that you like.")


async def edited(text: str, command: Sequence[str], name: str = "experiment.py") -> str:
    """What the editor made of the text. Raises NotEdited, with the reason, where it made nothing of it.

    The terminal must be the editor's to use: nobody else may write to it or read from it.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="initplay-") as folder, _line_settings_kept():
            path = Path(folder) / name
            path.write_text(text, encoding="utf-8", errors="replace")  # half a surrogate pair is no text
            await _run([*command, str(path)])
            saved = path.read_text(encoding="utf-8-sig")  # the text's own file says by itself how it begins
    except UnicodeDecodeError:
        raise NotEdited(f"What {command[0]} saved is not UTF-8, so the text stays as it was.") from None
    except OSError as error:
        raise NotEdited(f"The text could not be handed to {command[0]}: {error}.") from None
    if "\0" in saved:
        raise NotEdited(f"What {command[0]} saved has a zero byte in it, so the text stays as it was.")
    return saved


async def _run(command: Sequence[str]) -> None:
    try:
        process = await asyncio.create_subprocess_exec(*command)
    except OSError as error:
        raise NotEdited(f"The editor {command[0]!r} cannot be started: {error.strerror or error}.") from None
    try:
        code = await process.wait()
    finally:
        if process.returncode is None:  # the playground is being closed
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
    if code:
        ending = f"exit code {code}" if code > 0 else signal_name(-code)
        raise NotEdited(f"{command[0]} ended with {ending}, so the text stays as it was.")


@contextlib.contextmanager
def keyboards_signals_left_to_it() -> Iterator[None]:
    """To be entered before the terminal is the editor's, and left after it is the playground's again: ctrl+c
    and ctrl+\\ end programs in between."""
    # Not SIG_IGN, which the editor would inherit.
    before = {sign: signal.signal(sign, lambda *_: None) for sign in (signal.SIGINT, signal.SIGQUIT)}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


@contextlib.contextmanager
def _line_settings_kept() -> Iterator[None]:
    """Put them back however the editor ends."""
    stdin = sys.__stdin__.fileno() if sys.__stdin__ else 0
    settings = termios.tcgetattr(stdin) if os.isatty(stdin) else None
    try:
        yield
    finally:
        if settings:
            with contextlib.suppress(termios.error):  # the terminal is gone
                termios.tcsetattr(stdin, termios.TCSANOW, settings)
