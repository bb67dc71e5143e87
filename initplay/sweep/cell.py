"""What a run of a sweep came to, and the file that keeps that: a line for each, so that what is interrupted
goes on."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import msgspec

from initplay.recording.cell import OF_ANY_KIND, Cell, key, numbers_of
from initplay.recording.saved import read_back
from initplay.sweep.grid import Grid
from initplay.words.lock import locked
from initplay.words.numbers import without_nonfinite


class SweepFileError(Exception):
    """A file that cannot take this sweep; one sentence."""


class SweepFile:
    """Cells on disk, for one sweep at a time. The first line says of which sweep they are; nothing that is
    there is ever rewritten."""

    def __init__(self, path: Path, about: dict[str, Any]) -> None:
        """`about` is all that the numbers depend on, as JSON has it. Raises SweepFileError, OSError."""
        self.done: dict[str, Cell] = {}
        """What the file has already, by `key`."""
        self._file = self._opened(path, json.dumps({"type": "sweep", **without_nonfinite(about)}))

    def add(self, cell: Cell) -> None:
        """Write the cell, at once. Raises OSError."""
        self._file.write((cell.as_json() + "\n").encode("utf-8", "backslashreplace"))
        self._file.flush()

    def close(self) -> None:
        with contextlib.suppress(OSError):  # what could not be written was said when it was added
            self._file.close()

    def _opened(self, path: Path, first_line: str) -> IO[bytes]:
        is_device = os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path))
        if is_device:  # it may be read for ever
            raise SweepFileError(f"{path} is no file: name another place.")
        file = path.open("a+b")
        try:
            if not locked(file):
                whose = f"another sweep{_owner(file)}"
                raise SweepFileError(f"{path} is that of {whose}: wait for its end, or name a new file.")
            file.seek(0)
            whole, newline, half = file.read().rpartition(b"\n")
            if not newline and half and not first_line.encode().startswith(half):
                raise SweepFileError(f"{path} is no sweep: name a new file.")
            if half:  # it was cut off in the middle of a line, which is made again
                os.ftruncate(file.fileno(), len(whole + newline))
            if not newline:
                file.write(first_line.encode() + b"\n")
                return file
            head, _, cells = whole.partition(b"\n")
            self._compare(path, head, first_line)
            self.done = {key(cell.knobs, cell.seed): cell for cell in self._cells(path, cells)}
            return file
        except BaseException:
            file.close()
            raise

    @staticmethod
    def _compare(path: Path, head: bytes, first_line: str) -> None:
        try:
            had, wanted = json.loads(head), json.loads(first_line)
        except ValueError:
            had = wanted = {}
        if not isinstance(had, dict) or had.get("type") != "sweep":
            raise SweepFileError(f"{path} is no sweep: name a new file.")
        if had != wanted:
            differs = next(name for name in {**wanted, **had} if had.get(name) != wanted.get(name))
            raise SweepFileError(f"{path} holds another sweep, by its {differs}: name a new file.")

    @staticmethod
    def _cells(path: Path, lines: bytes) -> Iterator[Cell]:
        for number, line in enumerate(lines.split(b"\n") if lines else [], 2):
            try:
                fields = json.loads(line)
                fields.pop("type")
                fields |= {name: read_back(fields[name]) for name in OF_ANY_KIND}
                yield msgspec.convert(fields, Cell)
            except (ValueError, KeyError, AttributeError, msgspec.ValidationError) as error:
                raise SweepFileError(f"{path}, line {number}, is no cell of a sweep: take it out.") from error


def _owner(file: IO[bytes]) -> str:
    """Which process has the lock, as the end of a sentence; empty where the system does not say."""
    about = os.fstat(file.fileno())
    place = f"{os.major(about.st_dev):02x}:{os.minor(about.st_dev):02x}:{about.st_ino}"
    with contextlib.suppress(OSError), open("/proc/locks") as locks:
        for _, kind, *_, pid, where, _, _ in map(str.split, locks):
            if kind == "FLOCK" and where == place and pid.isdecimal() and pid != "0":
                return f" (process {pid})"
    return ""


def cell_of(
    grid: Grid,
    knobs: Mapping[str, Any],
    seed: int,
    facts: Mapping[str, Any],
    ending: str,
    message: str = "",
    seconds: float = 0.0,
    *,
    wanted: Sequence[str] = (),
) -> Cell:
    """What a run of the grid with all its `knobs` came to: of its facts those that are `wanted`, by default
    all numbers."""
    kept = {name: facts.get(name) for name in wanted} if wanted else numbers_of(facts)
    return Cell(grid.place(knobs), seed, kept, ending, message, seconds)
