"""The commands. Each imports what it needs when it runs, so that none pays for another."""

from initplay.commands import data, doctor, lessons, progress, runs
from initplay.commands.root import initplay

__all__ = ["data", "doctor", "initplay", "lessons", "progress", "runs"]
