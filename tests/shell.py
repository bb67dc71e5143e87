"""A shell for tests: arguments in, both streams and the exit code out, each time in a process of its own."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from forking import Forking

LONG = 60
"""Seconds; a limit for what takes two."""
_forking = Forking(
    "initplay.commands", "initplay.charts", "initplay.engine.headless", "initplay.learner.progress"
)


def initplay(
    *arguments: object, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the program to its end, without input."""
    words = [str(argument) for argument in arguments]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, open(os.devnull, "rb") as nothing:
        streams = [nothing.fileno(), out.fileno(), err.fileno()]
        program = _forking.start(words, streams, os.environ if env is None else env, folder=cwd)
        code = program.wait(LONG)
        said = [(stream.seek(0), stream.read().decode())[1] for stream in (out, err)]
    return subprocess.CompletedProcess(words, code, *said)
