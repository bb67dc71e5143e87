"""What works on this machine and what does not, each with its mend. Changes nothing."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal, NamedTuple

from initplay import __version__
from initplay.commands.output import size
from initplay.course.course import Course
from initplay.course.lesson import CourseError
from initplay.engine import contexts
from initplay.engine.headless import EngineBroken, wake
from initplay.engine.wire import Device, Ready
from initplay.lab.mnist import download as fetch
from initplay.lab.mnist.dataset import cache_dir
from initplay.learner.store import data_dir
from initplay.look import is_unicode, why_ascii
from initplay.opening import class_folder_of
from initplay.words.numbers import duration

PATIENCE = 120.0
"""Seconds for torch to load: a cold start over a network disk takes long and is no fault."""
_LEAST_FREE = 2**20
"""Bytes that a disk should have: progress, benches and texts are small."""
_SMALLEST = (80, 24)

State = Literal["ok", "note", "problem"]


class Finding(NamedTuple):
    """One thing that was looked at; a problem keeps initplay from being used, a note does not."""

    name: str
    state: State
    text: str
    mend: str = ""


def examine(lessons: Path | None = None) -> Iterator[Finding]:
    """Everything there is to find out, quick things first; loads torch, in another process."""
    yield Finding("initplay", "ok", f"{__version__}, Python {platform.python_version()} ({sys.executable})")
    yield from terminal(os.environ, _screen_size(), sys.stdout.encoding if sys.stdout else None)
    yield _lessons(lessons)
    yield _folder("progress", data_dir(), "what you do is forgotten at the end: set INITPLAY_HOME")
    yield _folder("cache", cache_dir(), "the full MNIST cannot be fetched: set INITPLAY_CACHE")
    if folder := class_folder_of(None):
        yield _class(folder)
    yield extra("cluster", "distributed", "sweeps on many machines")
    yield extra("serve", "textual_serve", "the playground in browsers")
    yield from _lab()


def usable(findings: Iterable[Finding]) -> bool:
    return all(finding.state != "problem" for finding in findings)


def terminal(
    environment: os._Environ[str] | dict[str, str], size: tuple[int, int] | None, encoding: str | None
) -> Iterator[Finding]:
    """What the terminal can do. `size` is columns and rows, None where stdout is no terminal."""
    kind = environment.get("TERM", "")
    if size is None:
        yield Finding("terminal", "note", "stdout is no terminal", "the playground needs one; `run` does not")
    elif kind in ("", "dumb"):
        yield Finding("terminal", "note", f"TERM is {kind or 'not set'}", "set TERM, such as xterm-256color")
    else:
        columns, rows = size
        small = columns < _SMALLEST[0] or rows < _SMALLEST[1]
        where = f"{kind}, {columns}x{rows}{_multiplexer(environment)}"
        mend = "enlarge it to 80x24 or more" if small else ""
        yield Finding("terminal", "note" if small else "ok", where, mend)
    yield _colours(environment, kind)
    yield _characters(environment, encoding)


def _multiplexer(environment: os._Environ[str] | dict[str, str]) -> str:
    names = [name for name, variable in (("tmux", "TMUX"), ("screen", "STY")) if environment.get(variable)]
    names += ["SSH"] if environment.get("SSH_CONNECTION") else []
    return f", in {' over '.join(names)}" if names else ""


def _colours(environment: os._Environ[str] | dict[str, str], kind: str) -> Finding:
    if environment.get("NO_COLOR"):
        return Finding("colours", "note", "none, for NO_COLOR is set", "unset it to see series in colour")
    if environment.get("COLORTERM") in ("truecolor", "24bit"):
        return Finding("colours", "ok", "16 million")
    if "256color" in kind:
        return Finding("colours", "ok", "256")
    return Finding("colours", "note", "16 or fewer", "set TERM=xterm-256color if your terminal has more")


def _characters(environment: os._Environ[str] | dict[str, str], encoding: str | None) -> Finding:
    """Which characters are shown; the commands write what stdout's encoding has."""
    if reason := why_ascii(environment):
        mend = "`initplay --no-ascii` if it shows these: ● √ ━ ⣿"
        return Finding("encoding", "note", f"ASCII alone, for {reason}", mend)
    unicode = is_unicode(encoding)
    mend = "" if unicode else "charts are drawn in ASCII: set LANG=C.UTF-8"
    return Finding("encoding", "ok" if unicode else "note", encoding or "unknown", mend)


def _screen_size() -> tuple[int, int] | None:
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    found = size()
    return found.columns, found.lines


def _lessons(path: Path | None) -> Finding:
    try:
        course = Course.load(path)
    except CourseError as error:
        return Finding("lessons", "problem", str(error))
    found = f"{len(course.lessons)} in {course.path}"
    if not course.problems:
        return Finding("lessons", "ok", found)
    mend = f"`initplay lint {course.path}` says how to mend {len(course.problems)} mistakes"
    return Finding("lessons", "note" if course.lessons else "problem", found, mend)


def _folder(name: str, path: Path, otherwise: str) -> Finding:
    """Whether a folder can be written, or made where its nearest ancestor is."""
    there = path
    while not os.path.exists(there) and there != there.parent:
        there = there.parent
    if not (os.path.isdir(there) and os.access(there, os.W_OK | os.X_OK)):
        return Finding(name, "note", f"{path} cannot be written", otherwise)
    if shutil.disk_usage(there).free < _LEAST_FREE:
        return Finding(name, "note", f"{path} is on a disk that is full", otherwise)
    return Finding(name, "ok", str(path))


def _class(folder: Path) -> Finding:
    """Whether a learner's file can be made in the folder, which nobody but the instructor makes."""
    if os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK):
        return Finding("class", "ok", str(folder))
    return Finding("class", "note", f"{folder} cannot be written", "your instructor does not see you: say so")


def extra(name: str, package: str, what_for: str) -> Finding:
    """Whether an extra of initplay is there, by the package that it is about."""
    distribution = package.replace("_", "-")
    try:
        return Finding(name, "ok", f"{distribution} {version(distribution)}: {what_for}")
    except PackageNotFoundError:
        mend = f"`{sys.executable} -m pip install 'initplay[{name}]'` brings {what_for}"
        return Finding(name, "note", "not installed", mend)


def _lab() -> Iterator[Finding]:
    began = time.monotonic()
    try:
        ready = wake(PATIENCE)
    except EngineBroken as error:
        yield Finding("torch", "problem", str(error), f"try `{sys.executable} -m pip install torch`")
        yield from _fetched()
        return
    yield Finding("torch", "ok", f"{ready.torch}, loaded in {duration(time.monotonic() - began)}")
    yield from map(of_device, ready.devices)
    if len(ready.devices) == 1:
        yield Finding(
            "gpu",
            "note",
            "torch sees none",
            "every lesson runs on the CPU; a GPU is faster where nets are large",
        )
    yield _digits(ready)
    yield from _fetched()


def of_device(device: Device) -> Finding:
    """`cuda:0: NVIDIA T4, 15 GiB, 14 free: room for 18 runs at once, each 0.8 with its context`"""
    name = device.name if device.label == device.name else f"{device.name}: {device.label}"
    memory = f", {device.memory / 2**30:.0f} GiB" if device.memory else ""
    if device.free is None:
        return Finding("device", "ok", f"{name}{memory}")
    runs = contexts.room_for(device.free + contexts.CONTEXT)  # of what is taken, one is that of who asked
    each = f"each {contexts.EACH / 2**30:.1f} with its context"
    text = f"{name}{memory}, {device.free / 2**30:.0f} free: room for {runs} runs at once, {each}"
    mend = "" if runs else "`nvidia-smi` says who uses it; `--device cpu` needs none of it"
    return Finding("device", "ok" if runs else "note", text, mend)


def _digits(ready: Ready) -> Finding:
    if ready.warning:
        return Finding("digits", "note", f"{ready.data} in use", ready.warning)
    return Finding("digits", "ok", f"{ready.data} in use")


def _fetched() -> Iterator[Finding]:
    """The full MNIST file by file, once there is any of it."""
    checked = fetch.verify()
    damaged = [file for file in checked if not file.ok]
    if not damaged:
        yield Finding("full MNIST", "ok", f"whole in {cache_dir()}")
    elif all(not os.path.lexists(cache_dir() / file.file) for file in checked):
        yield Finding(
            "full MNIST", "note", "not fetched", "`initplay data fetch` gets it; 5,000 digits serve"
        )
    else:
        yield from (Finding("full MNIST", "note", file.sentence) for file in damaged)
