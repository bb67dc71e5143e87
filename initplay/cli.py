"""Where the program begins: the version at once, everything else through `initplay.commands`."""

from __future__ import annotations

import os
import re
import signal
import sys

from initplay import __version__

_LONG = re.compile(r"\S{300,}")
"""What was typed may be said again, but not by the screenful."""


def main() -> None:
    """The `initplay` command. Exit codes: 0 done, 1 failed, 2 wrong arguments."""
    if sys.stdout is None:  # started with it closed: nobody listens, so write to nobody
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    code = 0
    try:
        code = _dispatch(sys.argv[1:])
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is interrupted from here on is over
        sys.stdout.flush()
    except OSError as error:
        if code == 0 and not isinstance(error, BrokenPipeError):  # which `| head` causes: it has seen enough
            _say(_in_words(error))
        code = code or 1
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
    sys.exit(code)


def _dispatch(arguments: list[str]) -> int:
    if arguments == ["--version"]:  # the parser would take longer than Python itself
        print(f"initplay {__version__}")
        return 0
    if not arguments:
        return _open()
    import click

    from initplay.commands import initplay

    try:
        with initplay.make_context("initplay", arguments) as context:
            return initplay.invoke(context) or 0
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.ClickException as error:
        _say(error.format_message())
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return 130
    except BrokenPipeError:
        raise
    except OSError as error:
        _say(_in_words(error))
        return 1


def _open() -> int:
    """The bare `initplay`, without the parser it has no use for: the first frame comes sooner."""
    from initplay.opening import CannotOpen, open_playground

    try:
        return open_playground()
    except CannotOpen as error:
        _say(str(error))
        return 2
    except KeyboardInterrupt:  # before the first frame: from then on it is a key
        return 130


def _in_words(error: OSError) -> str:
    if isinstance(error, FileNotFoundError) and not error.filename and _is_in_no_folder():
        return "The folder that you are in is gone: change to one that is there."
    return f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}."


def _is_in_no_folder() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def _say(sentence: str) -> None:
    sentence = _LONG.sub(lambda word: f"{word[0][:60]}…", sentence)
    end = "" if sentence.endswith((".", "?", "!")) else "."
    print(f"initplay: {sentence}{end}", file=sys.stderr)
