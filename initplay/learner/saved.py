"""Runs and text cards as files of the learner, and text on the clipboard of a terminal under tmux."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from initplay.learner.store import data_dir
from initplay.recording import saved
from initplay.recording.run import Run
from initplay.words.whole import write_whole


class NotKept(Exception):
    """The file could not be written; the message is one sentence."""


def name_of(run: Run) -> str:
    """A file's name for a run, such as `blowup-chain-seed42`."""
    started = run.started
    if started is None:
        return "run"
    return re.sub(r"[^A-Za-z0-9._-]+", "_", f"{started.lesson}-{started.experiment}-seed{started.seed}")


def free_path(folder: Path, name: str, suffix: str) -> Path:
    """A path in the folder, which is made, that nothing lies at yet. Raises NotKept."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotKept(f"Nothing can be written in {folder}: {error.strerror}.") from error
    path = folder / f"{name}{suffix}"
    number = 2
    while os.path.exists(path):
        path = folder / f"{name}-{number}{suffix}"
        number += 1
    return path


def runs_folder() -> Path:
    """Where the runs lie that were kept by `save_run`."""
    return data_dir() / "runs"


def save_run(run: Run) -> Path:
    """Keep the recording as JSON lines, for `initplay replay`. Raises NotKept."""
    path = free_path(runs_folder(), name_of(run), ".jsonl")
    try:
        saved.save(run, path)
    except OSError as error:
        raise NotKept(f"{path} could not be written: {error.strerror}.") from error
    return path


def save_card(run: Run, text: str) -> Path:
    """Keep the text card as a file. Raises NotKept."""
    path = free_path(data_dir() / "cards", name_of(run), ".txt")
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise NotKept(f"{path} could not be written: {error.strerror}.") from error
    return path


def hand_to_tmux(text: str) -> bool:
    """Into tmux's buffer and on to the terminal's clipboard; by default tmux drops OSC 52 of programs.

    False where there is no tmux, or it would not take it.
    """
    if not os.environ.get("TMUX"):
        return False
    command = ["tmux", "load-buffer", "-w", "-"]
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=2, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
