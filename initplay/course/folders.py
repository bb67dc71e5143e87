"""Which folders are lessons."""

from __future__ import annotations

import os
from pathlib import Path

from initplay.course.trouble import CourseError


def lesson_folders(path: Path) -> list[Path]:
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        raise CourseError(f"Cannot read the lessons in {path}: {error.strerror}.") from None
    return [entry for entry in entries if os.path.isdir(entry) and not entry.name.startswith((".", "_"))]


def folders_at(path: Path) -> list[Path]:
    """That of one lesson, or those in a folder of lessons. Raises CourseError where it cannot be read."""
    one_lesson = os.path.exists(path / "lesson.md") or os.path.exists(path / "experiment.py")
    return [path.resolve()] if one_lesson else lesson_folders(path)
