"""The commands. Each imports what it needs when it runs, so that none pays for another."""

from initplay.commands import (
    check,
    class_,
    data,
    doctor,
    examine,
    export,
    lessons,
    progress,
    runs,
    serve,
    sweep,
)
from initplay.commands.root import initplay

__all__ = [
    "check",
    "class_",
    "data",
    "doctor",
    "examine",
    "export",
    "initplay",
    "lessons",
    "progress",
    "runs",
    "serve",
    "sweep",
]
